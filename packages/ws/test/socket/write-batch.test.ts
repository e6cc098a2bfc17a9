import { once } from "node:events";
import { Writable } from "node:stream";
import { WebSocketClient } from "@net/ws";
import { expect, test } from "vitest";
import { WriteBatch } from "../../src/socket/write-batch.ts";
import { TestServer } from "../support/test-server.ts";

/** A stream that remembers how many chunks left together. */
function recorder(): { readonly stream: Writable; readonly calls: number[] } {
  const calls: number[] = [];
  const stream = new Writable({
    write(_chunk, _encoding, done) {
      calls.push(1);
      done();
    },
    writev(chunks, done) {
      calls.push(chunks.length);
      done();
    },
  });
  return { stream, calls };
}

function write(stream: Writable, batch: WriteBatch, bytes: number): void {
  batch.hold(bytes);
  stream.write(Buffer.alloc(bytes));
  batch.check();
}

test("what one turn writes leaves together, and the next turn's alone", async () => {
  const { stream, calls } = recorder();
  const batch = new WriteBatch(stream);
  for (let i = 0; i < 10; i++) write(stream, batch, 100);
  expect(calls).toEqual([]);
  await new Promise(setImmediate);
  expect(calls).toEqual([10]);
  write(stream, batch, 100);
  await new Promise(setImmediate);
  expect(calls).toEqual([10, 1]);
});

test("large writes do not wait, and nothing stays behind", async () => {
  const { stream, calls } = recorder();
  const batch = new WriteBatch(stream);
  write(stream, batch, 10_000);
  write(stream, batch, 10_000);
  expect(calls).toEqual([2]);
  write(stream, batch, 10_000);
  await new Promise(setImmediate);
  expect(calls).toEqual([2, 1]);
  write(stream, batch, 20_000);
  expect(calls).toEqual([2, 1, 1]);
  expect([stream.writableLength, stream.writableCorked]).toEqual([0, 0]);
});

test("a stream that is busy holds by itself", () => {
  const stream = new Writable({ write: () => {} });
  const batch = new WriteBatch(stream);
  stream.write("stuck");
  write(stream, batch, 1);
  expect(stream.writableCorked).toBe(0);
});

test("a goodbye comes after everything that was sent in the same turn", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url);
  await client.connect();
  const { socket } = await server.next();
  const received: string[] = [];
  socket.on("message", (data) => received.push(String(data)));
  const over = once(socket, "close");
  const sends = [client.send("1"), client.send("2"), client.close(3000)];
  expect((await over)[0]).toBe(3000);
  await Promise.all(sends);
  expect(received).toEqual(["1", "2"]);
});
