// The accepting sides, each in a process of its own: `node servers.js <kind>`.
import { once } from "node:events";
import { createServer } from "node:http";
import { acceptSessions, memorySessionStore } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import { Server as SocketIOServer } from "socket.io";
import { WebSocketServer } from "ws";
import { serveParent } from "../lib/child.js";

const MAX_PAYLOAD = 1024 * 1024;

/** Each starts listening and gives its address. @type {Record<string, () => Promise<string>>} */
const kinds = { bare, transport, sessions, socketIO };

const start = kinds[process.argv[2] ?? ""];
if (start && process.send) serveParent(await start(), { memoryBytes });

/**
 * What the process occupies once V8 has given back what it holds in reserve, as it does where memory is short. Without
 * that, what ten thousand handshakes have left behind counts for more than the connections.
 */
async function memoryBytes() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc?.({ type: "major", execution: "sync", flavor: "last-resort" });
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return process.memoryUsage.rss();
}

/** The `ws` library sends every message back. */
async function bare() {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", maxPayload: MAX_PAYLOAD });
  server.on("connection", (socket) => {
    socket.on("message", (data, binary) => socket.send(data, { binary }));
  });
  await once(server, "listening");
  return `ws://127.0.0.1:${portOf(server)}`;
}

/** Links of our transport; frames go back. */
async function transport() {
  const listener = await webSocketTransport().listen("ws://127.0.0.1:0", (link) => {
    link.receive((frame) => link.send(frame));
  });
  return listener.address;
}

/** Sessions on a memory store: what comes is acknowledged, once it was handed out. */
async function sessions() {
  const server = acceptSessions({
    store: memorySessionStore(),
    authenticate: ({ session }) => ({ session }),
    onSession: (each) => void acknowledge(each),
    maxSessions: 20_000,
    // As with the others, nothing holds back who sends too fast.
    maxFramesPerSecond: Number.POSITIVE_INFINITY,
    maxMessagesPerSecond: Number.POSITIVE_INFINITY,
    maxBytesPerSecond: Number.POSITIVE_INFINITY,
  });
  const { address } = await webSocketTransport().listen("ws://127.0.0.1:0", server.accept);
  return address;
}

/** @param {import("@net/ws/session").Session} session */
async function acknowledge(session) {
  for await (const delivery of session.inbox()) void delivery.ack();
}

/** Socket.IO over WebSockets only; what comes is acknowledged. */
async function socketIO() {
  const http = createServer().listen(0, "127.0.0.1");
  await once(http, "listening");
  const server = new SocketIOServer(http, { transports: ["websocket"], serveClient: false });
  server.on("connection", (socket) => {
    socket.on("message", (_body, acknowledge) => acknowledge());
  });
  return `http://127.0.0.1:${portOf(http)}`;
}

/** @param {{ address(): unknown }} server */
function portOf(server) {
  return /** @type {import("node:net").AddressInfo} */ (server.address()).port;
}
