import { AbortedError, ClosedError, OverloadedError, ValidationError } from "@net/core";
import { type Overflow, WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import { expect, test, vi } from "vitest";
import { TestServer } from "../support/test-server.ts";

/** A client that has begun to connect, with `count` messages of a thousand bytes for a buffer that takes two. */
function overfull(server: TestServer, overflow: Overflow, count: number) {
  const client = new WebSocketClient(server.url, { buffer: { bytes: 2_200, overflow } });
  const connecting = client.connect();
  const sends = Array.from({ length: count }, (_, i) => client.send(`${i}`.repeat(1_000)));
  return { client, connecting, sends, settled: Promise.allSettled(sends) };
}

/** The first character of each of the next `count` messages. */
async function arriving(server: TestServer, count: number): Promise<string> {
  const { socket } = await server.next();
  let received = "";
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    received += String(data)[0];
    if (received.length === count) resolve();
  });
  await promise;
  return received;
}

async function outcomes(settled: Promise<PromiseSettledResult<void>[]>): Promise<string[]> {
  return (await settled).map((result) =>
    result.status === "fulfilled" ? "sent" : (result.reason as { code: string }).code,
  );
}

test("dropping the oldest: they are refused, each by its own send, and the newest leave in order", async () => {
  await using server = await TestServer.start();
  const { client, connecting, settled } = overfull(server, "drop-oldest", 5);
  expect(await arriving(server, 2)).toBe("34");
  expect(await outcomes(settled)).toEqual([
    "OVERLOADED",
    "OVERLOADED",
    "OVERLOADED",
    "sent",
    "sent",
  ]);
  await connecting;
  await client.close();
});

test("dropping the oldest makes room for one that is larger than the buffer", async () => {
  await using server = await TestServer.start();
  const { client, connecting, sends, settled } = overfull(server, "drop-oldest", 2);
  const large = client.send("L".repeat(10_000));
  await expect(sends[1]).rejects.toThrow(OverloadedError);
  expect(await arriving(server, 1)).toBe("L");
  await Promise.all([connecting, large, settled]);
  await client.close();
});

test("blocking: nothing is refused, and all leave in order", async () => {
  await using server = await TestServer.start();
  const { client, connecting, settled } = overfull(server, "block", 9);
  expect(await arriving(server, 9)).toBe("012345678");
  expect(new Set(await outcomes(settled))).toEqual(new Set(["sent"]));
  await connecting;
  await client.close();
});

test("a send that is blocked can be aborted, and is not sent", async () => {
  await using server = await TestServer.start();
  const { client, connecting, settled } = overfull(server, "block", 3);
  const controller = new AbortController();
  const blocked = client.send("aborted", { signal: controller.signal });
  const last = client.send("last");
  controller.abort(new Error("enough"));
  await expect(blocked).rejects.toThrow(AbortedError);
  await expect(client.send("x", { signal: controller.signal })).rejects.toThrow(AbortedError);
  expect(await arriving(server, 4)).toBe("012l");
  await Promise.all([connecting, last, settled]);
  await client.close();
});

test("closing rejects what is blocked", async () => {
  await using server = await TestServer.start();
  const { client, connecting, sends } = overfull(server, "block", 5);
  const rejected = Promise.all(
    [connecting, ...sends].map((promise) => expect(promise).rejects.toThrow(ClosedError)),
  );
  await client.close();
  await rejected;
});

test("a signal that is used for many sends keeps no listener of theirs", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  const waiting = [client.connect(), client.send("1", { signal }), client.send("2", { signal })];
  expect(added).toHaveBeenCalledTimes(2);
  await Promise.all(waiting);
  await client.send("3", { signal });
  expect(added).toHaveBeenCalledTimes(2);
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
    added.mock.calls.map(([, listener]) => listener),
  );
});

test("what is neither text nor bytes is refused at once, and harms nothing that waits", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  const sends = [client.connect(), client.send("first")];
  for (const wrong of [undefined, 7, {}, [1], new Float32Array(1), new ArrayBuffer(1)]) {
    await expect(client.send(wrong as never)).rejects.toThrow(ValidationError);
  }
  sends.push(client.send("last"));
  expect(await arriving(server, 2)).toBe("fl");
  await Promise.all(sends);
});

test.each<WebSocketClientOptions>([
  { buffer: { bytes: 0 } },
  { buffer: { overflow: "drop" as Overflow } },
])("a buffer of %j is a ValidationError", (options) => {
  expect(() => new WebSocketClient("ws://a/", options)).toThrow(ValidationError);
});
