import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { request } from "node:http";
import { connect, createServer, type Socket } from "node:net";
import {
  AuthenticationError,
  type CloseCode,
  type CloseReason,
  ConnectionError,
  type Link,
  NetworkTimeoutError,
  PermissionError,
  ValidationError,
} from "@net/core";
import { testCertificate as certificate, FakeClock } from "@net/core/testing";
import { WebSocketClient } from "@net/ws";
import { type WebSocketTransportOptions, webSocketTransport } from "@net/ws/transport";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket } from "ws";
import { TestServer } from "../support/test-server.ts";

const tls = { ...certificate, ca: certificate.cert };

test("over TLS 1.3 both ends have the same channel binding, and another link has another", async () => {
  const transport = webSocketTransport({ tls });
  const links: Link[] = [];
  await using listener = await transport.listen("wss://127.0.0.1:0", (link) => links.push(link));
  for (let i = 0; i < 2; i++) links.push(await transport.dial(listener.address));
  const bindings = links.map(({ security }) => Buffer.from(security.channelBinding ?? []));
  expect(bindings.map(({ length }) => length)).toEqual([32, 32, 32, 32]);
  expect(new Set(bindings.map((each) => each.toString("hex"))).size).toBe(2);
  for (const link of links) link.abort();
});

test("a certificate that nobody vouches for is TLS_FAILED, unless told not to care", async () => {
  await using listener = await webSocketTransport({ tls }).listen("wss://127.0.0.1:0", () => {});
  await expect(webSocketTransport().dial(listener.address)).rejects.toThrow(
    expect.objectContaining({ code: "TLS_FAILED" }),
  );
  const careless = webSocketTransport({ tls: { rejectUnauthorized: false } });
  const link = await careless.dial(listener.address);
  expect(link.security.encrypted).toBe(true);
  link.abort();
});

test("listening at wss without a certificate is a ValidationError", async () => {
  await expect(webSocketTransport().listen("wss://127.0.0.1:0", () => {})).rejects.toThrow(
    ValidationError,
  );
});

test("the listener's address has the real port and its path; the path with or without a slash is the same root", async () => {
  const transport = webSocketTransport();
  await using listener = await transport.listen("ws://127.0.0.1:0", () => {});
  expect(listener.address).toMatch(/^ws:\/\/127\.0\.0\.1:[1-9]\d*\/$/);
  for (const address of [listener.address, listener.address.slice(0, -1)]) {
    (await transport.dial(address)).abort();
  }
});

test("a handshake at another path is refused with 404", async () => {
  const transport = webSocketTransport();
  await using listener = await transport.listen("ws://127.0.0.1:0/mesh", () => {});
  await expect(transport.dial(listener.address.replace("/mesh", "/other"))).rejects.toMatchObject({
    name: "ConnectionError",
    details: { status: 404, phase: "handshake" },
  });
});

test("a web page may connect only from an origin that is named", async () => {
  const origins = ["https://example.net"];
  await using listener = await webSocketTransport({ origins }).listen("ws://127.0.0.1:0", () => {});
  const dialFrom = (origin: string): Promise<Link> =>
    webSocketTransport({ headers: { origin } }).dial(listener.address);
  await expect(dialFrom("https://evil.example")).rejects.toThrow(PermissionError);
  (await dialFrom("https://example.net")).abort();
});

test("limits that make no sense are refused", () => {
  for (const maxFrameBytes of [0, 1.5, 2 ** 31, Number.POSITIVE_INFINITY]) {
    expect(() => webSocketTransport({ maxFrameBytes })).toThrow(ValidationError);
  }
  expect(() => webSocketTransport({ handshakeTimeout: 0 })).toThrow(ValidationError);
});

test("a plain HTTP request is answered with 426 and closed", async () => {
  await using listener = await webSocketTransport().listen("ws://127.0.0.1:0", () => {});
  const asking = request(listener.address.replace("ws:", "http:")).end();
  const [response] = await once(asking, "response");
  response.resume();
  expect(response.statusCode).toBe(426);
  expect(response.headers).toMatchObject({ upgrade: "websocket", connection: "close" });
});

test("headers that are too long, or take too long, end the connection", async () => {
  const transport = webSocketTransport({ handshakeTimeout: 100 });
  await using listener = await transport.listen("ws://127.0.0.1:0", () => {});
  const port = Number(new URL(listener.address).port);
  const long = connect(port, "127.0.0.1");
  long.write(`GET / HTTP/1.1\r\nhost: a\r\nx: ${"y".repeat(20_000)}\r\n`);
  const [answer] = await once(
    long.on("error", () => {}),
    "data",
  );
  expect(String(answer)).toMatch(/^HTTP\/1\.1 431 /);
  const slow = connect(port, "127.0.0.1").on("error", () => {});
  slow.write("GET / HTTP/1.1\r\nhost: a\r\n");
  slow.resume();
  await once(slow, "close");
  long.destroy();
});

test("closing the listener ends handshakes that are under way", async () => {
  const listener = await webSocketTransport().listen("ws://127.0.0.1:0", () => {});
  const socket = connect(Number(new URL(listener.address).port), "127.0.0.1");
  const closed = new Promise((resolve) => socket.on("error", () => {}).once("close", resolve));
  await once(socket, "connect");
  socket.write("GET / HTTP/1.1\r\n");
  await listener.close();
  await closed;
});

test("a text message is a protocol error, and its sender is told", async () => {
  const { link, peer } = await accepted();
  link.receive(() => {});
  const told = once(peer, "close");
  peer.send("text");
  const reason = await link.closed;
  expect(reason).toMatchObject({ code: "protocol-error", error: { code: "PROTOCOL_ERROR" } });
  expect((await told)[0]).toBe(1003);
});

test("a peer that breaks the protocol is told so", async () => {
  const { link, peer } = await accepted();
  link.receive(() => {});
  const told = once(peer, "close");
  // A data frame with a reserved opcode, past the library that would not send one.
  (peer as unknown as { _socket: Socket })._socket.write(Buffer.from([0x83, 0x80, 0, 0, 0, 0]));
  expect(await link.closed).toMatchObject({
    code: "protocol-error",
    error: { code: "PROTOCOL_ERROR" },
  });
  expect((await told)[0]).toBe(1002);
});

test("a peer that is refused still has time to read what was sent before, and why", async () => {
  // More than the operating system takes by itself.
  const { link, peer } = await accepted({ highWaterMark: 64 * 1024 * 1024 });
  link.receive(() => {});
  peer.pause();
  for (let i = 0; i < 16; i++) link.send(Buffer.alloc(1024 * 1024));
  peer.send(Buffer.alloc(2 * 1024 * 1024));
  expect((await link.closed).code).toBe("too-large");
  let received = 0;
  peer.on("message", () => received++);
  const told = once(peer, "close");
  peer.resume();
  expect((await told)[0]).toBe(1009);
  expect(received).toBe(16);
});

test("messages in very many fragments are refused, in as many as an honest sender makes they are not", async () => {
  const { link, peer } = await accepted();
  const frames: number[] = [];
  link.receive((frame) => frames.push(frame.byteLength));
  const fragment = Buffer.alloc(64);
  for (let i = 0; i < 16_383; i++) peer.send(fragment, { fin: false });
  peer.send(fragment);
  for (let i = 0; i < 17_000; i++) peer.send(Buffer.alloc(1), { fin: false });
  expect((await link.closed).code).toBe("refused");
  expect(frames).toEqual([1024 * 1024]);
});

test.each<[CloseCode, number]>([
  ["normal", 1000],
  ["going-away", 1001],
  ["protocol-error", 1002],
  ["too-large", 1009],
  ["internal", 1011],
  ["overloaded", 1013],
  ["unauthorized", 4500],
  ["replaced", 4501],
  ["refused", 4502],
])("the reason %s travels as %i, and comes back as itself", async (code, number) => {
  const going = await accepted();
  going.link.receive(() => {});
  const told = once(going.peer, "close");
  await going.link.close({ code, message: "why" });
  expect(await told).toEqual([number, Buffer.from("why")]);

  const coming = await accepted();
  coming.link.receive(() => {});
  coming.peer.close(number, "why");
  const reason: CloseReason = { code, message: "why", remote: true };
  expect(await coming.link.closed).toEqual(reason);
});

test("a close code that nobody knows is normal, and named", async () => {
  const { link, peer } = await accepted();
  link.receive(() => {});
  peer.close(4123, "odd");
  expect(await link.closed).toEqual({
    code: "normal",
    message: "close code 4123: odd",
    remote: true,
  });
});

test("a client that is told unauthorized by a link does not come back", async () => {
  await using listener = await webSocketTransport().listen("ws://127.0.0.1:0", (link) => {
    link.receive(() => {});
    void link.close({ code: "unauthorized", message: "who are you?" });
  });
  const client = new WebSocketClient(listener.address);
  await client.connect();
  await expect(client.receive()).rejects.toMatchObject({ details: { closeCode: 4500 } });
});

test("a dial sends the headers it is given, made afresh by a function", async () => {
  await using server = await TestServer.start();
  let calls = 0;
  const transport = webSocketTransport({
    headers: async () => ({ authorization: `Bearer ${++calls}` }),
  });
  for (let i = 0; i < 2; i++) (await transport.dial(server.url)).abort();
  expect(server.requests.map(({ headers }) => headers.authorization)).toEqual([
    "Bearer 1",
    "Bearer 2",
  ]);
});

test("a refused handshake says so, and no secret of the address", async () => {
  await using server = await TestServer.start({ statuses: [401] });
  await expect(webSocketTransport().dial(server.url)).rejects.toThrow(AuthenticationError);
});

test("a handshake that takes too long is a NetworkTimeoutError, and leaves nothing", async () => {
  const clock = new FakeClock();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket.on("error", () => {})));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  onTestFinished(() => void silent.close());
  const { port } = silent.address() as { port: number };
  const dial = webSocketTransport({ handshakeTimeout: 3_000, clock }).dial(
    `ws://127.0.0.1:${port}`,
  );
  const failed = expect(dial).rejects.toThrow(NetworkTimeoutError);
  await once(silent, "connection");
  await clock.advance(3_000);
  await failed;
  await expect(dial).rejects.toMatchObject({ kind: "handshake", timeoutMs: 3_000 });
  expect(clock.pending).toBe(0);
  await Promise.all(sockets.map((socket) => once(socket.resume(), "close")));
});

test("an answer that is no WebSocket handshake is a ProtocolError", async () => {
  const answers = [
    "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
    "nonsense\r\n\r\n",
  ];
  const liar = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(answers.shift() ?? ""));
  });
  liar.listen(0, "127.0.0.1");
  await once(liar, "listening");
  onTestFinished(() => void liar.close());
  const { port } = liar.address() as { port: number };
  for (let i = 0; i < 2; i++) {
    await expect(webSocketTransport().dial(`ws://127.0.0.1:${port}`)).rejects.toThrow(
      expect.objectContaining({ code: "PROTOCOL_ERROR" }),
    );
  }
});

test("dials and links are published on the diagnostics channels", async () => {
  const heard: string[] = [];
  const listen = (message: unknown, name: string | symbol): void => {
    const {
      transport,
      direction,
      remoteAddress = "",
      address = "",
    } = message as Record<string, string>;
    if (`${remoteAddress}${address}`.includes("/diagnosed")) {
      heard.push(`${String(name)} ${transport} ${direction ?? ""}`.trim());
    }
  };
  const names = ["net:transport:dial", "net:link:open", "net:link:close"];
  for (const name of names) subscribe(name, listen);
  const transport = webSocketTransport();
  await using listener = await transport.listen("ws://127.0.0.1:0/diagnosed", (link) => {
    link.receive(() => {});
  });
  const link = await transport.dial(listener.address);
  await link.close();
  await link.closed;
  for (const name of names) unsubscribe(name, listen);
  expect(heard).toEqual(["net:transport:dial ws", "net:link:open ws dialled", "net:link:close ws"]);
});

test("a listener that cannot have its address is ADDRESS_UNAVAILABLE", async () => {
  // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
  await expect(webSocketTransport().listen("ws://192.0.2.1:0", () => {})).rejects.toThrow(
    expect.objectContaining({ code: "ADDRESS_UNAVAILABLE" }),
  );
  await expect(webSocketTransport().listen("ws://192.0.2.1:0", () => {})).rejects.toThrow(
    ConnectionError,
  );
});

/** A link on the accepting side, and the bare WebSocket at its other end. */
async function accepted(
  options: WebSocketTransportOptions = {},
): Promise<{ link: Link; peer: WebSocket }> {
  const arrived = Promise.withResolvers<Link>();
  const listener = await webSocketTransport(options).listen("ws://127.0.0.1:0", arrived.resolve);
  const peer = new WebSocket(listener.address, { perMessageDeflate: false });
  peer.on("error", () => {});
  const link = await arrived.promise;
  await once(peer, "open");
  onTestFinished(async () => {
    link.abort();
    peer.terminate();
    await listener.close();
  });
  return { link, peer };
}
