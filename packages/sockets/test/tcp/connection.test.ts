import { AbortedError } from "@net/core";
import { FakeClock } from "@net/core/testing";
import { TCPClient } from "@net/sockets";
import { expect, test, vi } from "vitest";
import { serve } from "../support/serve.ts";

test("a connection that is over keeps neither listener nor timer", async () => {
  const port = await serve((socket) => socket.pipe(socket));
  const clock = new FakeClock();
  const { signal } = new AbortController();
  const added = vi.spyOn(signal, "addEventListener");
  const removed = vi.spyOn(signal, "removeEventListener");
  const options = { signal, clock, idleTimeout: 1_000 };
  const client = await TCPClient.connect("127.0.0.1", port, options);
  expect(clock.pending).toBe(1);
  await client.close();
  expect(clock.pending).toBe(0);
  const [kept, gone] = [added, removed].map(
    ({ mock }) => new Set(mock.calls.map(([, listener]) => listener)),
  );
  expect(kept?.size).toBeGreaterThan(0);
  expect(gone).toEqual(kept);
});

test("sending is no silence", async () => {
  const clock = new FakeClock();
  const port = await serve((socket) => socket.resume());
  const options = { clock, idleTimeout: 1_000 };
  await using client = await TCPClient.connect("127.0.0.1", port, options);
  for (let i = 0; i < 3; i++) {
    // A large message is not copied: it has left when the send resolves.
    await client.send(Buffer.alloc(100_000));
    await clock.advance(999);
  }
  expect(client.state).toBe("open");
  await clock.advance(1);
  await expect(client.receive()).rejects.toMatchObject({ code: "TIMEOUT", kind: "idle" });
});

test("a close is over when the other side ends, though nobody has read what it sent", async () => {
  const clock = new FakeClock();
  const port = await serve((socket) => {
    socket.resume().write(Buffer.alloc(4_000_000));
  });
  const client = await TCPClient.connect("127.0.0.1", port, { clock, highWaterMark: 1_000 });
  await client.receive();
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
  await client.close();
  expect(client.state).toBe("closed");
});

test("a half-close that could not be told is no success", async () => {
  const port = await serve((socket) => socket.pause());
  const controller = new AbortController();
  const options = { allowHalfOpen: true, signal: controller.signal };
  await using client = await TCPClient.connect("127.0.0.1", port, options);
  // More than the system takes by itself.
  const sending = expect(client.send(Buffer.alloc(40_000_000))).rejects.toThrow(AbortedError);
  const ending = expect(client.end()).rejects.toThrow(AbortedError);
  controller.abort();
  await Promise.all([sending, ending]);
});
