import { once } from "node:events";
import { AbortedError, type Clock, ClosedError, systemClock } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { WebSocketClient } from "@net/ws";
import { expect, test, vi } from "vitest";
import { reaching } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

test("closing while it connects, or waits to, rejects connect and tries no more", async () => {
  await using server = await TestServer.start({ statuses: [503] });
  const client = new WebSocketClient(server.url);
  const connecting = expect(client.connect()).rejects.toThrow(ClosedError);
  await reaching(client, "waiting");
  await client.close();
  await connecting;
  expect(client.state).toBe("closed");

  const unopened = new WebSocketClient(server.url);
  await unopened.close();
  expect(unopened.state).toBe("closed");
  expect(server.requests).toHaveLength(1);
});

test("aborting the only connect before there was a connection stops the trying; it may be tried again", async () => {
  await using server = await TestServer.start({ statuses: [503] });
  await using client = new WebSocketClient(server.url, { reconnect: { min: 60_000, max: 60_000 } });
  const controller = new AbortController();
  const connecting = client.connect({ signal: controller.signal });
  await reaching(client, "waiting");
  controller.abort(new Error("changed my mind"));
  await expect(connecting).rejects.toThrow(AbortedError);
  expect(client.state).toBe("idle");
  await client.connect();
  expect(client.state).toBe("open");
});

test("a message that waits is a reason to go on trying, when the only connect is aborted", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  const controller = new AbortController();
  const connecting = expect(client.connect({ signal: controller.signal })).rejects.toThrow(
    AbortedError,
  );
  const sent = client.send("hello");
  controller.abort();
  await connecting;
  const { socket } = await server.next();
  expect(String((await once(socket, "message"))[0])).toBe("hello");
  await sent;
});

test("aborting one of two connects leaves the other one waiting", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  const controller = new AbortController();
  const first = expect(client.connect({ signal: controller.signal })).rejects.toThrow(AbortedError);
  const second = client.connect();
  controller.abort();
  await first;
  await second;
  expect(client.state).toBe("open");
});

test("aborting during a handshake leaves nothing open", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  const controller = new AbortController();
  const connecting = client.connect({ signal: controller.signal });
  controller.abort();
  await expect(connecting).rejects.toThrow(AbortedError);
  expect(client.state).toBe("idle");
});

test("the client's signal ends it also while it is open, and all who wait learn it", async () => {
  await using server = await TestServer.start();
  const controller = new AbortController();
  const client = new WebSocketClient(server.url, { signal: controller.signal });
  await client.connect();
  const { socket } = await server.next();
  const gone = once(socket, "close");
  const receiving = expect(client.receive()).rejects.toThrow(AbortedError);
  controller.abort(new Error("shutting down"));
  await receiving;
  await gone;
  expect(client.state).toBe("closed");
  await expect(client.send("x")).rejects.toThrow(AbortedError);
  await expect(client.connect()).rejects.toThrow(AbortedError);
  await client.close();
});

test("a reader that waits before connect learns it too when the signal aborts", async () => {
  const controller = new AbortController();
  const client = new WebSocketClient("ws://127.0.0.1:1/", { signal: controller.signal });
  const receiving = expect(client.receive()).rejects.toThrow(AbortedError);
  controller.abort();
  await receiving;
  expect(client.state).toBe("closed");
});

test("its signal keeps no listener after the end", async () => {
  await using server = await TestServer.start();
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  const client = new WebSocketClient(server.url, { signal });
  expect(added).not.toHaveBeenCalled();
  await client.connect();
  await client.close();
  expect(added).toHaveBeenCalled();
  expect(removed.mock.calls.map(([, listener]) => listener)).toEqual(
    added.mock.calls.map(([, listener]) => listener),
  );
});

test("closing ends those who receive at once, though the server never says goodbye", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url, { clock });
  await client.connect();
  const { socket } = await server.next();
  socket.pause();
  const closing = client.close();
  expect(await client.receive()).toBeUndefined();
  expect(client.state).toBe("closing");
  await clock.advance(5_000);
  await closing;
  expect(client.state).toBe("closed");
});

test("a close in the very moment of opening leaves nothing open", async () => {
  await using server = await TestServer.start();
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
  const client = new WebSocketClient(server.url, { clock: { ...systemClock, setTimeout } });
  await expect(client.connect()).rejects.toThrow(ClosedError);
  const { socket } = await server.next();
  if (socket.readyState !== socket.CLOSED) await once(socket, "close");
  expect(client.state).toBe("closed");
});
