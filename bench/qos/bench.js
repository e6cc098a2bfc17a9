// The egress queue through all its stages, the token bucket against `limiter`, the queue against `p-queue`; and, where
// root may make network namespaces, heartbeats beside bulk data through a line of 8 Mbit/s.
import { QoSManager, TokenBucket } from "@net/qos";
import { TokenBucket as LimiterBucket } from "limiter";
import PQueue from "p-queue";
import { compare } from "../lib/compare.js";
import { Gate } from "./gate.js";
import { shapedLines } from "./shaped-lines.js";

const FRAME = new Uint8Array(64);
/** One of each class, two of them limited by buckets that never run dry: every frame passes every stage. */
const TYPES = ["heartbeat", "tool-call", "stream", "message", "bulk"];
const PLENTY = 1e6;
const POLICIES = /** @type {const} */ ({
  stream: { priority: "normal", maxBandwidth: PLENTY },
  bulk: { priority: "low", maxBandwidth: PLENTY },
});

await compare("Egress: messages of 64 bytes in four classes", {
  operations: 3_000_000,
  variants: [
    { name: "all wait, 64 at a time, then leave", run: (count) => queued(count) },
    { name: "the same, and each sender is told", run: (count) => queued(count, () => {}) },
    { name: "all pass straight on", run: async (count) => straight(count) },
  ],
});

await compare("Awaited messages that wait, 64 at a time", {
  operations: 100_000,
  variants: [
    { name: "`p-queue`, by priority", run: pQueued },
    { name: "`EgressQueue.send`", run: awaited },
  ],
});

await compare("Token buckets: taking 100 bytes", {
  operations: 20_000_000,
  variants: [
    { name: "`limiter`", run: async (count) => limiter(count) },
    { name: "`TokenBucket.tryTake`, time handed in", run: async (count) => bucket(count) },
  ],
});

await shapedLines(process.argv.includes("--quick"));

/**
 * @param {number} count
 * @param {() => void} [onSettled]
 */
async function queued(count, onSettled) {
  const gate = new Gate();
  const queue = new QoSManager({ policies: POLICIES }).createEgress("peer", gate);
  const options = onSettled && { onSettled };
  for (let sent = 0; sent < count; sent++) {
    queue.offer(FRAME, TYPES[sent % TYPES.length] ?? "", options);
    if (sent % 64 === 63) await open(gate, () => queue.queuedFrames === 0);
  }
  await open(gate, () => queue.queuedFrames === 0);
}

/**
 * @param {Gate} gate
 * @param {() => boolean} isDone
 */
async function open(gate, isDone) {
  do {
    gate.open();
    for (let tick = 0; tick < 4; tick++) await Promise.resolve();
  } while (!isDone());
}

/** @param {number} count */
function straight(count) {
  const sink = { send: () => true, drained: async () => {} };
  const queue = new QoSManager({ policies: POLICIES }).createEgress("peer", sink);
  for (let sent = 0; sent < count; sent++) queue.offer(FRAME, TYPES[sent % TYPES.length] ?? "");
}

/** @param {number} count */
async function awaited(count) {
  const gate = new Gate();
  const queue = new QoSManager({ policies: POLICIES }).createEgress("peer", gate);
  for (let sent = 0; sent < count; sent += 64) {
    const sends = Array.from({ length: 64 }, (_, i) =>
      queue.send(FRAME, { type: TYPES[i % TYPES.length] ?? "" }),
    );
    await open(gate, () => queue.queuedFrames === 0);
    await Promise.all(sends);
  }
}

/** @param {number} count */
async function pQueued(count) {
  const queue = new PQueue({ concurrency: 1 });
  for (let sent = 0; sent < count; sent += 64) {
    const sends = Array.from({ length: 64 }, (_, i) =>
      queue.add(async () => {}, { priority: i % TYPES.length }),
    );
    await Promise.all(sends);
  }
}

/** @param {number} count */
function bucket(count) {
  const tokens = new TokenBucket({ bytesPerSecond: 1e9, burstBytes: 1e6 });
  for (let taken = 0; taken < count; taken++) tokens.tryTake(100, taken * 1e-4);
}

/** @param {number} count */
function limiter(count) {
  const tokens = new LimiterBucket({ bucketSize: 1e6, tokensPerInterval: 1e9, interval: 1_000 });
  for (let taken = 0; taken < count; taken++) tokens.tryRemoveTokens(100);
}
