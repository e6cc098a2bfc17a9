import { WebSocketClient } from "@net/ws";
import { expect, test, vi } from "vitest";
import { next } from "../support/events.ts";
import { acceptOf, RawServer } from "../support/raw-server.ts";

const upgrade = "upgrade: websocket\r\nconnection: upgrade\r\n";
/** A close frame that says 4500: for good. */
const goodbye = Buffer.from([0x88, 2, 0x11, 0x94]);

function switching(request: string, headers: string): string {
  const accept = `sec-websocket-accept: ${acceptOf(request)}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\n${upgrade}${accept}${headers}\r\n`;
}

test.each([
  ["another upgrade", () => "HTTP/1.1 101 X\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n"],
  ["a wrong key", () => `HTTP/1.1 101 X\r\n${upgrade}sec-websocket-accept: no\r\n\r\n`],
  ["no key", () => `HTTP/1.1 101 X\r\n${upgrade}\r\n`],
  [
    "a subprotocol nobody asked for",
    (it: string) => switching(it, "sec-websocket-protocol: x\r\n"),
  ],
  [
    "an extension nobody asked for",
    (it: string) => switching(it, "sec-websocket-extensions: x\r\n"),
  ],
  ["two extensions", (it: string) => switching(it, "sec-websocket-extensions: x, y\r\n")],
  ["what is no extension", (it: string) => switching(it, "sec-websocket-extensions: ;;\r\n")],
  [
    "compression nobody asked for in this way",
    (it: string) =>
      switching(it, "sec-websocket-extensions: permessage-deflate; server_max_window_bits=99\r\n"),
  ],
  ["garbage", () => "SSH-2.0-OpenSSH_9.6\r\n"],
  ["too large a head", () => `HTTP/1.1 101 X\r\nx: ${"x".repeat(20_000)}\r\n\r\n`],
])(
  "a handshake answered with %s is a PROTOCOL_ERROR, and leaves nothing open",
  async (_what, answer) => {
    await using server = await RawServer.start((request, socket) => {
      socket.end(answer(request));
    });
    for (const perMessageDeflate of [false, true]) {
      const client = new WebSocketClient(server.url, { perMessageDeflate });
      await expect(client.connect()).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
    }
    await vi.waitFor(() => expect(server.open).toBe(0));
  },
);

test("a server that hangs up on the handshake is tried again", async () => {
  await using server = await RawServer.start((_request, socket) => socket.destroy());
  await using client = new WebSocketClient(server.url);
  client.connect().catch(() => {});
  const [{ error }] = await next(client, "retry");
  expect(error).toMatchObject({ code: "CONNECTION_LOST" });
});

test("closing while the handshake's answer is awaited leaves nothing open", async () => {
  const asked = Promise.withResolvers<void>();
  await using server = await RawServer.start(() => asked.resolve());
  const client = new WebSocketClient(server.url);
  const connecting = expect(client.connect()).rejects.toMatchObject({ code: "CLOSED" });
  await asked.promise;
  await client.close();
  await connecting;
  await vi.waitFor(() => expect(server.open).toBe(0));
});

test("what comes with the handshake's answer is a message, and a close behind it is a close", async () => {
  await using server = await RawServer.start((request, socket) => {
    const hello = Buffer.from([0x81, 5, ...Buffer.from("hello")]);
    socket.write(Buffer.concat([Buffer.from(switching(request, "")), hello, goodbye]));
  });
  const client = new WebSocketClient(server.url);
  await client.connect();
  expect(await client.receive()).toBe("hello");
  await expect(client.receive()).rejects.toMatchObject({ details: { closeCode: 4500 } });
});

test("4 MiB in 65,536 fragments arrive whole, as conformance suites send them", async () => {
  const fragments = 65_536;
  await using server = await RawServer.start((request, socket) => {
    const body = Buffer.alloc(fragments * 66);
    for (let i = 0; i < fragments; i++) {
      const isLast = i === fragments - 1;
      body[i * 66] = (isLast ? 0x80 : 0) | (i === 0 ? 2 : 0);
      body[i * 66 + 1] = 64;
      body.fill(i, i * 66 + 2, i * 66 + 66);
    }
    socket.write(switching(request, ""));
    socket.write(body);
    socket.write(goodbye);
  });
  const client = new WebSocketClient(server.url, { maxPayload: 4 * 1024 * 1024 });
  await client.connect();
  const message = (await client.receive()) as Buffer;
  expect(message).toHaveLength(4 * 1024 * 1024);
  expect([message[0], message[64 * 300], message.at(-1)]).toEqual([0, 300 & 0xff, 0xff]);
  await expect(client.receive()).rejects.toMatchObject({ details: { closeCode: 4500 } });
});

test("a message in endless empty fragments ends the connection", async () => {
  await using server = await RawServer.start((request, socket) => {
    socket.write(switching(request, ""));
    const endless = Buffer.alloc(2 * 20_000);
    endless[0] = 2;
    socket.write(endless);
  });
  const client = new WebSocketClient(server.url);
  await client.connect();
  await expect(client.receive()).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
});
