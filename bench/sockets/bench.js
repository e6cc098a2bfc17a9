// Framed TCP against one write per frame and against raw bytes, one way over the loopback interface; and scans against
// nmap, where that is installed; --frames leaves the scans out. Both ends run here: a frame's cost is that of sending and
// of receiving it.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { lengthPrefix, scan, TCPClient, TCPServer } from "@net/sockets";
import { compare } from "../lib/compare.js";
import { markdownTable } from "../lib/table.js";
import { compareFiltered } from "./filtered.js";

/** @typedef {import("@net/sockets").TCPConnection} TCPConnection */
/** @typedef {import("node:net").Socket} Socket */
/** @typedef {import("node:net").AddressInfo} AddressInfo */

const HEADER_BYTES = 4;
const HOST = "127.0.0.1";
const quick = process.argv.includes("--quick");

const small = 64;
await compare("Frames of 64 bytes over TCP, one way", {
  // So many that starting and ending a connection do not count.
  operations: 2_000_000,
  variants: [
    { name: "naive: a write per frame, awaited", run: (count) => awaited(small, count) },
    { name: "careful: writes until one says wait", run: (count) => unawaited(small, count) },
    { name: "`TCPClient`, `for await`", run: (count) => framed(small, count, iterate) },
    { name: "`TCPClient`, `await receive()`", run: (count) => framed(small, count, receive) },
    { name: "`TCPClient`, `poll()`", run: (count) => framed(small, count, poll) },
  ],
});

const large = 64 * 1024;
await compare("64 KiB at a time over TCP, one way", {
  operations: 20_000,
  variants: [
    { name: "raw: bytes as they come", run: (count) => rawly(large, count) },
    { name: "`TCPClient`, `for await`", run: (count) => framed(large, count, iterate) },
    { name: "`TCPClient`, `await receive()`", run: (count) => framed(large, count, receive) },
  ],
});

if (!process.argv.includes("--frames")) {
  await scans();
  await compareFiltered({ rounds: quick ? 1 : 5 });
}

/**
 * Each frame is sent with `await send(frame)`.
 *
 * @param {number} size
 * @param {number} count
 * @param {(connection: TCPConnection, count: number) => Promise<void>} read
 */
async function framed(size, count, read) {
  const framing = lengthPrefix();
  const all = Promise.withResolvers();
  await using server = await TCPServer.listen({ framing }, async (connection) => {
    await read(connection, count);
    all.resolve(undefined);
  });
  await using client = await TCPClient.connect(server.host, server.port, { framing });
  const frame = new Uint8Array(size);
  for (let sent = 0; sent < count; sent++) await client.send(frame);
  await all.promise;
}

/**
 * @param {TCPConnection} connection
 * @param {number} count
 */
async function iterate(connection, count) {
  let received = 0;
  for await (const _ of connection) if (++received === count) break;
}

/**
 * @param {TCPConnection} connection
 * @param {number} count
 */
async function receive(connection, count) {
  for (let received = 0; received < count; received++) await connection.receive();
}

/**
 * @param {TCPConnection} connection
 * @param {number} count
 */
async function poll(connection, count) {
  for (let received = 0; received < count; received++) {
    if (!connection.poll()) await connection.receive();
  }
}

/**
 * The same bytes, a system call for each frame. They are only counted where they arrive.
 *
 * @param {number} size
 * @param {number} count
 */
async function awaited(size, count) {
  const frame = naiveFrame(size);
  await deliver(count * frame.byteLength, async (socket) => {
    for (let sent = 0; sent < count; sent++) {
      await new Promise((resolve) => socket.write(frame, resolve));
    }
  });
}

/**
 * The same bytes, as Node gathers them itself while a write is under way. They are only counted where they arrive.
 *
 * @param {number} size
 * @param {number} count
 */
async function unawaited(size, count) {
  const frame = naiveFrame(size);
  await deliver(count * frame.byteLength, async (socket) => {
    for (let sent = 0; sent < count; sent++) {
      if (!socket.write(frame)) await once(socket, "drain");
    }
  });
}

/** @param {number} size */
function naiveFrame(size) {
  const frame = Buffer.alloc(HEADER_BYTES + size);
  frame.writeUInt32BE(size);
  return frame;
}

/**
 * @param {number} size
 * @param {number} count
 */
async function rawly(size, count) {
  const chunk = Buffer.alloc(size);
  await deliver(count * size, async (socket) => {
    for (let sent = 0; sent < count; sent++) {
      if (!socket.write(chunk)) await once(socket, "drain");
    }
  });
}

/**
 * Lets `send` write to a new connection, and waits until that many bytes have arrived.
 *
 * @param {number} bytes
 * @param {(socket: Socket) => Promise<void>} send
 */
async function deliver(bytes, send) {
  const server = createServer({ noDelay: true }).listen(0, HOST);
  await once(server, "listening");
  const { port } = /** @type {AddressInfo} */ (server.address());
  const socket = connect({ port, host: HOST, noDelay: true });
  const [[accepted]] = await Promise.all([once(server, "connection"), once(socket, "connect")]);
  const all = Promise.withResolvers();
  let received = 0;
  accepted.on("data", (/** @type {Buffer} */ chunk) => {
    received += chunk.byteLength;
    if (received >= bytes) all.resolve(undefined);
  });
  await send(socket);
  await all.promise;
  socket.destroy();
  accepted.destroy();
  server.close();
  await once(server, "close");
}

/** Wall time, since that is what one waits for; nmap's work is not in our CPU time. */
async function scans() {
  const variants = [
    { name: "`scan`, as it is", run: () => scanned("auto") },
    { name: "`scan`, `workers: 0`", run: () => scanned(0) },
  ];
  if (spawnSync("nmap", ["--version"]).status === 0) {
    variants.unshift({ name: "`nmap -sT -p-`", run: nmapped });
  }
  /** @type {Map<string, number>} */
  const best = new Map();
  for (let round = 0; round < (quick ? 1 : 5); round++) {
    for (const { name, run } of variants) {
      const start = performance.now();
      await run();
      const seconds = (performance.now() - start) / 1000;
      best.set(name, Math.min(best.get(name) ?? Number.POSITIVE_INFINITY, seconds));
    }
  }
  const [base] = best.values();
  const rows = [...best].map(([name, seconds]) => [
    name,
    seconds.toFixed(2),
    `${(seconds / (base ?? seconds)).toFixed(2)}×`,
  ]);
  console.log("\n**All 65,535 ports of loopback, wall time, best of the rounds**\n");
  console.log(markdownTable(["variant", "seconds", "ratio"], rows));
}

/** @param {number | "auto"} workers */
async function scanned(workers) {
  let answers = 0;
  for await (const _ of scan([HOST], ["-"], { workers })) answers++;
  if (answers !== 65_535) throw new Error(`${answers} answers`);
}

async function nmapped() {
  const nmap = spawn("nmap", ["-sT", "-p-", "-n", "-Pn", HOST], { stdio: "ignore" });
  await once(nmap, "close");
}
