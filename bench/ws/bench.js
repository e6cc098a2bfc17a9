// WebSockets on the loopback interface; every server is a process of its own.
import { once } from "node:events";
import { memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
import { io } from "socket.io-client";
import { startChild } from "../lib/child.js";
import { compare } from "../lib/compare.js";
import { bareClients, ourClients } from "./clients.js";
import { idleConnections } from "./idle.js";

const servers = new URL("servers.js", import.meta.url).pathname;
const IN_FLIGHT = 64;

for (const { size, connections, window, operations } of [
  { size: 64, connections: 1, window: 64, operations: 100_000 },
  { size: 64, connections: 100, window: 8, operations: 100_000 },
  { size: 16 * 1024, connections: 1, window: 64, operations: 20_000 },
  { size: 16 * 1024, connections: 100, window: 8, operations: 20_000 },
]) {
  await echo({ size, connections, window, operations });
}
await acknowledged();
await idleConnections();

/** The client's CPU only: the server is the same for all. @param {{ size: number, connections: number, window: number, operations: number }} options */
async function echo({ size, connections, window, operations }) {
  await using server = await startChild(servers, ["bare"]);
  const echoing = { url: server.ready, message: Buffer.alloc(size, "m"), window };
  const bare = await bareClients(echoing, connections);
  const listening = await ourClients(echoing, connections, "listener");
  const iterating = await ourClients(echoing, connections, "for await");
  await compare(`Echo of ${size} bytes, ${connections} connections, ${window} under way on each`, {
    operations,
    variants: [
      { name: "bare `ws`", run: bare.run },
      { name: "`WebSocketClient`, listener", run: listening.run },
      { name: "`WebSocketClient`, `for await`", run: iterating.run },
    ],
  });
  for (const clients of [bare, listening, iterating]) clients.close();
}

/** Both ends' CPU: at both, different code runs. */
async function acknowledged() {
  await using bareServer = await startChild(servers, ["bare"]);
  await using sessionServer = await startChild(servers, ["sessions"]);
  await using socketIOServer = await startChild(servers, ["socketIO"]);
  const body = "m".repeat(64);
  const bare = await bareClients(
    { url: bareServer.ready, message: Buffer.from(body), window: IN_FLIGHT },
    1,
  );
  const socket = io(socketIOServer.ready, { transports: ["websocket"] });
  await once(/** @type {any} */ (socket), "connect");
  const client = session({
    id: "bench",
    store: memorySessionStore(),
    redial: (signal) => webSocketTransport().dial(sessionServer.ready, { signal }),
  });
  const all = [bareServer, sessionServer, socketIOServer];
  await compare(`64 bytes there, and an answer, ${IN_FLIGHT} under way on one connection`, {
    operations: 150_000,
    othersCpuUs: async () => {
      let sum = 0;
      for (const each of all) sum += await each.ask("cpuUs");
      return sum;
    },
    variants: [
      { name: "bare `ws`, echo: nothing is kept", run: bare.run },
      {
        name: "session: `publish`, committed by the other end",
        run: inFlight(() => client.publish(body)),
      },
      {
        name: "socket.io: `emitWithAck`",
        run: inFlight(() => socket.emitWithAck("message", body)),
      },
    ],
  });
  bare.close();
  socket.disconnect();
  await client.close();
}

/** A sliding window: each answer starts the next message. @param {() => Promise<void>} once */
function inFlight(once) {
  return async (/** @type {number} */ operations) => {
    let left = operations;
    const worker = async () => {
      while (left-- > 0) await once();
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  };
}
