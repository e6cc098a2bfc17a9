import { once } from "node:events";
import type { Socket } from "node:net";
import {
  AbortedError,
  type Clock,
  ClosedError,
  NetworkError,
  NetworkTimeoutError,
  systemClock,
  ValidationError,
} from "@net/core";
import { FakeClock } from "@net/core/testing";
import { type HostAddress, TCPClient } from "@net/sockets";
import { expect, test } from "vitest";
import { serve } from "../support/serve.ts";

test("a refused connection is CONNECTION_REFUSED, and connecting may be tried again", async () => {
  await using client = new TCPClient("127.0.0.1", 1);
  const refused = expect.objectContaining({ code: "CONNECTION_REFUSED" });
  await expect(client.connect()).rejects.toThrow(refused);
  await expect(client.connect()).rejects.toThrow(refused);
});

test("connecting again after the end says that it is over", async () => {
  const port = await serve((socket) => socket.end());
  const closed = await TCPClient.connect("127.0.0.1", port);
  await closed.close();
  await expect(closed.connect()).rejects.toThrow(ClosedError);
  const lost = await TCPClient.connect("127.0.0.1", port);
  while (lost.state !== "closed") await lost.once("state");
  await expect(lost.connect()).rejects.toThrow(/is over/);
});

test("aborting one of two connects leaves the other one waiting, and a third joins it", async () => {
  const port = await serve((socket) => socket.pipe(socket));
  const asked = Promise.withResolvers<void>();
  const found = Promise.withResolvers<readonly HostAddress[]>();
  const lookup = (): typeof found.promise => {
    asked.resolve();
    return found.promise;
  };
  await using client = new TCPClient("host.example", port, { lookup });
  const controllers = [new AbortController(), new AbortController()];
  const [first, second] = controllers.map(({ signal }) => client.connect({ signal }));
  await asked.promise;
  controllers[0]?.abort();
  await expect(first).rejects.toThrow(AbortedError);
  expect(client.state).toBe("connecting");
  controllers[1]?.abort();
  const third = client.connect();
  await expect(second).rejects.toThrow(AbortedError);
  expect(client.state).toBe("connecting");
  found.resolve([{ address: "127.0.0.1", family: 4 }]);
  await third;
  expect(client.state).toBe("open");
  await client.send("hello");
  expect(String(await client.receive())).toBe("hello");
});

test("who tries again at once is not disturbed by those who failed with it", async () => {
  const failing = [1, 2].map(() => Promise.reject(new Error("no name server")));
  const { promise: silent } = Promise.withResolvers<never>();
  const client = new TCPClient("host.example", 7000, { lookup: () => failing.pop() ?? silent });
  const again = client.connect().catch(() => client.connect());
  await expect(client.connect()).rejects.toThrow(NetworkError);
  expect(client.state).toBe("connecting");
  const closed = expect(again).rejects.toThrow(ClosedError);
  await client.close();
  await closed;
});

test("a host that is empty or missing is a ValidationError: it does not mean this machine", () => {
  for (const host of ["", undefined as never, null as never, 5 as never]) {
    expect(() => new TCPClient(host, 80)).toThrow(ValidationError);
    expect(() => new TCPClient({ host, port: 80 })).toThrow(ValidationError);
  }
  expect(() => new TCPClient({ path: 5 as never })).toThrow(ValidationError);
});

test("a port that cannot be connected to is a ValidationError", () => {
  for (const port of [0, -1, 65_536, 1.5, Number.NaN]) {
    expect(() => new TCPClient("127.0.0.1", port)).toThrow(ValidationError);
  }
});

test("a connect that takes too long is a NetworkTimeoutError, and leaves no timer", async () => {
  const clock = new FakeClock();
  // A server that never answers its side of TLS: TCP connects, the handshake waits.
  const port = await serve(() => {});
  const client = new TCPClient("127.0.0.1", port, { tls: true, timeout: 5_000, clock });
  const connecting = client.connect();
  const timedOut = expect(connecting).rejects.toThrow(
    expect.objectContaining({ code: "TIMEOUT", kind: "connect", timeoutMs: 5_000 }),
  );
  await clock.advance(5_000);
  await timedOut;
  expect(clock.pending).toBe(0);
  await expect(connecting).rejects.toThrow(NetworkTimeoutError);
});

test("aborting or closing during connect rejects it and leaves nothing open", async () => {
  const accepted: Socket[] = [];
  const port = await serve((socket) => accepted.push(socket));
  const controller = new AbortController();
  const aborted = new TCPClient("127.0.0.1", port, { tls: true });
  const connecting = aborted.connect({ signal: controller.signal });
  controller.abort(new Error("changed my mind"));
  await expect(connecting).rejects.toThrow(AbortedError);

  const closed = new TCPClient("127.0.0.1", port, { tls: true });
  const connectingToo = expect(closed.connect()).rejects.toThrow(ClosedError);
  await closed.close();
  await connectingToo;
  await Promise.all(accepted.filter((s) => !s.closed).map((socket) => once(socket, "close")));
});

test("a close in the very moment of opening leaves nothing open", async () => {
  const accepted = Promise.withResolvers<Socket>();
  const port = await serve(accepted.resolve);
  let isFirst = true;
  // The timer of the attempt is let go when its socket is open, and nobody has it yet.
  const setTimeout: Clock["setTimeout"] = (...args) => {
    const timer = systemClock.setTimeout(...args);
    if (!isFirst) return timer;
    isFirst = false;
    const dispose = (): void => {
      timer.cancel();
      void client.close();
    };
    return { cancel: timer.cancel, [Symbol.dispose]: dispose };
  };
  const client = new TCPClient("127.0.0.1", port, { clock: { ...systemClock, setTimeout } });
  await expect(client.connect()).rejects.toThrow(ClosedError);
  const socket = (await accepted.promise).resume();
  if (!socket.closed) await once(socket, "close");
  expect(client.state).toBe("closed");
});
