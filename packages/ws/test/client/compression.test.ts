import { once } from "node:events";
import { WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import { expect, test } from "vitest";
import { TestServer } from "../support/test-server.ts";

async function open(options: WebSocketClientOptions, server: TestServer) {
  const client = new WebSocketClient(server.url, options);
  await client.connect();
  return { client, peer: await server.next() };
}

test("compression is not offered unless it is asked for", async () => {
  await using server = await TestServer.start({ perMessageDeflate: true });
  const { client, peer } = await open({}, server);
  expect(peer.request.headers).not.toHaveProperty("sec-websocket-extensions");
  await client.close();
});

test("asked for, messages shrink on the way and arrive whole, both ways", async () => {
  await using server = await TestServer.start({ perMessageDeflate: true });
  const { client, peer } = await open({ perMessageDeflate: true }, server);
  expect(peer.socket.extensions).toBe("permessage-deflate");
  expect(peer.request.headers["sec-websocket-extensions"]).toMatch(
    /client_no_context_takeover.*server_no_context_takeover|server_no_context_takeover.*client_no_context_takeover/,
  );
  const text = "the same again, ".repeat(10_000);
  const before = peer.request.socket.bytesRead;
  const arrived = once(peer.socket, "message");
  await client.send(text);
  expect(String((await arrived)[0])).toBe(text);
  expect(peer.request.socket.bytesRead - before).toBeLessThan(text.length / 20);
  peer.socket.send(text);
  expect(await client.receive()).toBe(text);
  await client.close();
});

test("what was sent may be overwritten at once, though it is compressed later", async () => {
  await using server = await TestServer.start({ perMessageDeflate: true });
  const { client, peer } = await open({ perMessageDeflate: true, highWaterMark: 1 << 20 }, server);
  const bytes = new Uint8Array(50_000);
  const arrived: number[] = [];
  const all = Promise.withResolvers<void>();
  peer.socket.on("message", (data: Buffer) => {
    if (new Set(data).size === 1) arrived.push(Number(data[0]));
    if (data[0] === 0) all.resolve();
  });
  for (const value of [1, 2, 3, 0]) {
    bytes.fill(value);
    await client.send(value === 2 ? bytes.subarray(0, 10) : bytes);
  }
  bytes.fill(9);
  await all.promise;
  expect(arrived).toEqual([1, 2, 3, 0]);
  await client.close();
});

test("a window kept between messages is offered only by name", async () => {
  await using server = await TestServer.start({ perMessageDeflate: true });
  const perMessageDeflate = { contextTakeover: true, threshold: 0, level: 9 };
  const { client, peer } = await open({ perMessageDeflate }, server);
  expect(peer.request.headers["sec-websocket-extensions"]).not.toContain("no_context_takeover");
  await client.close();
});

test("a server that does not compress is fine", async () => {
  await using server = await TestServer.start();
  const { client, peer } = await open({ perMessageDeflate: true }, server);
  peer.socket.send("plain");
  expect(await client.receive()).toBe("plain");
  await client.close();
});

test("a message that inflates beyond maxPayload is given up, whether in one frame or in many", async () => {
  await using server = await TestServer.start({ perMessageDeflate: true });
  for (const parts of [1, 8]) {
    const { client, peer } = await open({ perMessageDeflate: true, maxPayload: 100_000 }, server);
    const told = once(peer.socket, "close");
    // 80 MB of nothing are some 80 KB on the way: below the limit, until they are inflated.
    const bomb = Buffer.alloc(80_000_000 / parts);
    for (let i = 1; i < parts; i++) peer.socket.send(bomb, { fin: false });
    const before = process.memoryUsage().arrayBuffers;
    peer.socket.send(bomb);
    await expect(client.receive()).rejects.toMatchObject({ code: "FRAME_TOO_LARGE" });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
    expect((await told)[0]).toBe(1009);
  }
});

test.each([
  ["threshold", -1],
  ["threshold", 0.5],
  ["level", 0],
  ["level", 10],
])("a %s of %d is a ValidationError", (name, value) => {
  const perMessageDeflate = { [name]: value };
  expect(() => new WebSocketClient("ws://a/", { perMessageDeflate })).toThrow(
    expect.objectContaining({ code: "INVALID_ARGUMENT", message: expect.stringContaining(name) }),
  );
});
