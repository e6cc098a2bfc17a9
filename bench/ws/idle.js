// What a connection that does nothing costs its server: 10,000 of them, opened from here, against the server's memory
// before, both after a garbage collection.
import { once } from "node:events";
import { memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import WebSocket from "ws";
import { startChild } from "../lib/child.js";
import { markdownTable } from "../lib/table.js";

const servers = new URL("servers.js", import.meta.url).pathname;
const AT_ONCE = 100;

/** @typedef {{ open: (url: string, number: number) => Promise<unknown>, close: (opened: any) => unknown }} Opener */

/** @type {Record<string, { name: string } & Opener>} */
const kinds = {
  bare: { name: "bare `ws`", open: openBare, close: closeBare },
  transport: { name: "link of `webSocketTransport`", open: openBare, close: closeBare },
  sessions: {
    name: "session",
    open: openSession,
    close: (/** @type {AsyncDisposable} */ each) => each[Symbol.asyncDispose](),
  },
};

export async function idleConnections() {
  const count = process.argv.includes("--quick") ? 500 : 10_000;
  const rows = [];
  for (const [kind, { name, ...opener }] of Object.entries(kinds)) {
    const bytes = await bytesEach(kind, opener, count);
    rows.push([name, (bytes / 1024).toFixed(1)]);
  }
  console.log(`\n**${count} idle clients, memory of the server's process**\n`);
  console.log(markdownTable(["connection", "KiB each"], rows));
}

/** @param {string} kind @param {Opener} opener @param {number} count */
async function bytesEach(kind, { open, close }, count) {
  await using server = await startChild(servers, [kind]);
  const before = await server.ask("memoryBytes");
  const opened = [];
  for (let i = 0; i < count; i += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, j) => open(server.ready, i + j));
    opened.push(...(await Promise.all(some)));
  }
  const after = await server.ask("memoryBytes");
  for (const each of opened) void close(each);
  return (after - before) / count;
}

/** @type {Opener["open"]} */
async function openBare(url) {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return socket;
}

/** @param {WebSocket} socket */
function closeBare(socket) {
  socket.terminate();
}

/** @type {Opener["open"]} */
async function openSession(url, number) {
  const each = session({
    id: `idle-${number}`,
    store: memorySessionStore(),
    redial: (signal) => webSocketTransport().dial(url, { signal }),
  });
  const open = Promise.withResolvers();
  each.on("welcome", () => open.resolve(undefined));
  await open.promise;
  return each;
}
