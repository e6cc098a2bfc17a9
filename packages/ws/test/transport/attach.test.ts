import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { createServer as createTLSServer } from "node:https";
import type { AddressInfo } from "node:net";
import {
  ConnectionError,
  type Link,
  type Listener,
  type NetworkError,
  ValidationError,
} from "@net/core";
import { testCertificate as certificate } from "@net/core/testing";
import { memorySessionStore, session } from "@net/ws/session";
import { acceptSessions, webSocketTransport } from "@net/ws/transport";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";

const transport = webSocketTransport({ tls: { ca: certificate.cert } });
const echo = (link: Link): void => link.receive((frame) => link.send(frame));

async function httpServer(
  server: Server = createServer(),
): Promise<{ server: Server; port: number }> {
  server.on("request", (_request, response) => response.end("page"));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { server, port: (server.address() as AddressInfo).port };
}

async function echoOf(address: string, text: string): Promise<string> {
  const link = await transport.dial(address);
  const answer = new Promise<Uint8Array>((resolve) => link.receive(resolve));
  link.send(Buffer.from(text));
  const frame = await answer;
  await link.close();
  return Buffer.from(frame).toString();
}

/** Another library's user of the same server, as its manual says: it looks at the path, and minds its own. */
function otherUser(server: Server, path: string): void {
  const other = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, stream, head) => {
    if (request.url !== path) return;
    other.handleUpgrade(request, stream, head, (ws) => ws.send("the other"));
  });
}

test("two of ours and another library's share a server with its pages, each at its path", async () => {
  const { server, port } = await httpServer();
  otherUser(server, "/other");
  await using one = transport.attach(server, "/one", echo);
  await using two = transport.attach(server, "/two", (link) => {
    link.receive((frame) => link.send(Buffer.from(`two: ${Buffer.from(frame)}`)));
  });

  expect(one.address).toBe(`ws://127.0.0.1:${port}/one`);
  expect(await echoOf(one.address, "a")).toBe("a");
  expect(await echoOf(two.address, "b")).toBe("two: b");
  const socket = new WebSocket(`ws://127.0.0.1:${port}/other`);
  expect(String((await once(socket, "message"))[0])).toBe("the other");
  socket.terminate();
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe("page");
});

test("a path that nobody has is left to whoever else listens, and refused with 404 where nobody does", async () => {
  const { server, port } = await httpServer();
  await using _listener = transport.attach(server, "/mesh", echo);
  await expect(transport.dial(`ws://127.0.0.1:${port}/late`)).rejects.toMatchObject({
    details: { status: 404 },
  });

  const asked = Promise.withResolvers<void>();
  server.on("upgrade", (request, stream) => {
    if (request.url !== "/late") return;
    // Whoever checks a token first takes his time.
    setImmediate(() => stream.end("HTTP/1.1 418 I'm a teapot\r\nconnection: close\r\n\r\n"));
    asked.resolve();
  });
  const refused = expect(transport.dial(`ws://127.0.0.1:${port}/late`)).rejects.toMatchObject({
    details: { status: 418 },
  });
  await asked.promise;
  await refused;
});

test("closing detaches: no link any more, those open go on, and the server and its other users too", async () => {
  const { server, port } = await httpServer();
  otherUser(server, "/other");
  const listener = transport.attach(server, "/mesh", echo);
  const link = await transport.dial(listener.address);
  await listener.close();
  await listener.close();
  expect(server.listening).toBe(true);
  expect(server.listenerCount("upgrade")).toBe(1);
  const answer = new Promise<Uint8Array>((resolve) => link.receive(resolve));
  link.send(Buffer.from("still here"));
  expect(Buffer.from(await answer).toString()).toBe("still here");
  link.abort();

  const again = transport.attach(server, "/mesh", echo);
  expect(await echoOf(again.address, "back")).toBe("back");
  await again.close();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/other`);
  await once(socket, "message");
  socket.terminate();
});

test("a path that a listener has is ADDRESS_IN_USE, one without a slash a ValidationError", async () => {
  const { server } = await httpServer();
  await using _listener = transport.attach(server, "/mesh", echo);
  const attach = (path: string) => (): Listener => transport.attach(server, path, echo);
  expect(attach("/mesh")).toThrow(ConnectionError);
  expect(attach("mesh")).toThrow(ValidationError);
  expect(attach("/me sh")).toThrow(ValidationError);
});

test("before its server listens a listener has no address: INVALID_STATE", () => {
  const listener = transport.attach(createServer(), "/mesh", echo);
  expect(() => listener.address).toThrow(
    expect.objectContaining({ code: "INVALID_STATE" }) as NetworkError,
  );
});

test("at an HTTPS server links are encrypted, with the same channel binding at both ends", async () => {
  const { key, cert } = certificate;
  const { server } = await httpServer(createTLSServer({ key, cert }));
  const accepted = Promise.withResolvers<Link>();
  await using listener = transport.attach(server, "/mesh", accepted.resolve);
  expect(listener.address).toMatch(/^wss:\/\/127\.0\.0\.1:\d+\/mesh$/);
  const dialled = await transport.dial(listener.address);
  const link = await accepted.promise;
  expect(link.security).toEqual(dialled.security);
  expect(link.security.channelBinding).toHaveLength(32);
  expect(link.remoteAddress).toMatch(/^wss:/);
  dialled.abort();
});

test("web pages that are not named are refused at an attached path too", async () => {
  const { server } = await httpServer();
  await using listener = transport.attach(server, "/mesh", echo);
  const page = webSocketTransport({ headers: { origin: "https://example.org" } });
  await expect(page.dial(listener.address)).rejects.toMatchObject({ details: { status: 403 } });
});

test("sessions are accepted beside an application's pages", async () => {
  const { server } = await httpServer();
  await using sessions = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session: name }) => ({ session: name }),
  });
  await using listener = transport.attach(server, "/sessions", sessions.accept);
  await sessions.enqueue("laptop", "hello");
  await using laptop = session({
    id: "laptop",
    store: memorySessionStore(),
    redial: (signal) => transport.dial(listener.address, { signal }),
  });
  const { value } = await laptop.inbox().next();
  expect(value?.body).toBe("hello");
});
