import { AbortedError, ClosedError, OverloadedError } from "@net/core";
import { WebSocketClient } from "@net/ws";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { reaching } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

const atOnce = { reconnect: { min: 0, max: 0 } };

test("what is sent while it is disconnected waits, and leaves in order on the next connection", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, atOnce);
  const sends = [client.connect(), client.send("1"), client.send("2")];
  const first = await server.next();
  expect(await messages(first.socket, 2)).toEqual(["1", "2"]);
  await Promise.all(sends);
  first.socket.terminate();
  await reaching(client, "waiting");
  const later = [client.send("3"), client.send("4")];
  expect(await messages((await server.next()).socket, 2)).toEqual(["3", "4"]);
  await Promise.all(later);
});

test("what waits is bounded: more is an OverloadedError, and the rest is still sent", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, { buffer: { bytes: 3_000 } });
  const connecting = client.connect();
  const sends = Array.from({ length: 5 }, (_, i) => client.send(`${i}`.repeat(1_000)));
  const results = await Promise.allSettled(sends.slice(2));
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  await expect(sends[2]).rejects.toThrow(OverloadedError);
  const received = await messages((await server.next()).socket, 2);
  expect(received.map((text) => text.slice(0, 1))).toEqual(["0", "1"]);
  await connecting;
});

test("a single message larger than the buffer still passes", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url, { buffer: { bytes: 10 } });
  const sent = [client.connect(), client.send("x".repeat(1_000))];
  expect(await messages((await server.next()).socket, 1)).toEqual(["x".repeat(1_000)]);
  await Promise.all(sent);
});

test("aborting a send that waits takes the message back", async () => {
  await using server = await TestServer.start();
  await using client = new WebSocketClient(server.url);
  const connecting = client.connect();
  const controller = new AbortController();
  const kept = client.send("kept");
  const withdrawn = client.send("withdrawn", { signal: controller.signal });
  const last = client.send("last");
  controller.abort();
  await expect(withdrawn).rejects.toThrow(AbortedError);
  expect(await messages((await server.next()).socket, 2)).toEqual(["kept", "last"]);
  await Promise.all([connecting, kept, last]);
});

test("what waits when the client is closed is rejected", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url);
  const rejections = [client.connect(), client.send("never")].map((promise) =>
    expect(promise).rejects.toThrow(ClosedError),
  );
  await client.close();
  await Promise.all(rejections);
});

test("a server that reads slowly makes send wait, and too many sends are refused", async () => {
  await using server = await TestServer.start();
  const buffer = { bytes: 4 * 1024 * 1024 };
  await using client = new WebSocketClient(server.url, { buffer, highWaterMark: 64 * 1024 });
  await client.connect();
  const { socket } = await server.next();
  socket.pause();
  // The operating system takes some megabytes by itself; what it does not take must wait, up to the limit.
  const message = Buffer.alloc(1024 * 1024);
  const sends = Array.from({ length: 64 }, () => client.send(message));
  const settled = Promise.allSettled(sends);
  const count = messages(socket, 1).then(() => {});
  socket.resume();
  await count;
  const outcomes = (await settled).map((result) =>
    result.status === "fulfilled" ? "sent" : (result.reason as { code: string }).code,
  );
  expect(new Set(outcomes)).toEqual(new Set(["sent", "OVERLOADED"]));
  expect(outcomes.lastIndexOf("sent")).toBeLessThan(outcomes.indexOf("OVERLOADED"));
});

/** The next `count` text messages of a socket. */
async function messages(socket: WebSocket, count: number): Promise<string[]> {
  const received: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    received.push(data.toString());
    if (received.length === count) resolve();
  });
  await promise;
  return received;
}
