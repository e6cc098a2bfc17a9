// What sessions without a link cost a server: their state is in the store, so that memory stays flat while they become
// many, and a session is taken up as quickly among 100,000 as among 1,000. Takes the number of sessions as argument.
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { memoryTransport } from "@net/core";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { sqliteSessionStore } from "@net/ws/sqlite";
import { markdownTable } from "../lib/table.js";

const TOTAL = Number(process.argv[2] ?? 100_000);
const STEPS = [1_000, TOTAL / 10, TOTAL];
const WAITING = 3;
const BATCH = 1_000;
const RESUMES = 500;
/** So that each step resumes others than those before it. */
const OFFSETS = [0, 1, 3];
const KIB = 1024;

setFlagsFromString("--expose-gc");
const collect = /** @type {() => void} */ (runInNewContext("gc"));

const folder = await mkdtemp(join(tmpdir(), "net-sessions-"));
const database = join(folder, "sessions.db");
const store = sqliteSessionStore({ database });
const server = acceptSessions({ store, authenticate: ({ session: name }) => ({ session: name }) });
const network = memoryTransport();
await network.listen("memory:server", server.accept);

try {
  /** @type {string[][]} */
  const rows = [];
  await resume("warm-up", RESUMES);
  const startBytes = heapBytes();
  let count = 0;
  for (const step of STEPS) {
    const startMs = performance.now();
    const made = step - count;
    for (; count < step; count += BATCH) await create(count, Math.min(BATCH, step - count));
    const perSecond = (made / (performance.now() - startMs)) * 1_000;
    const growth = heapBytes() - startBytes;
    const resumeMs = await resume("user", RESUMES, step, OFFSETS[rows.length]);
    rows.push([
      step.toLocaleString("en"),
      `${Math.round(growth / KIB)} KiB`,
      `${(growth / step).toFixed(1)} B`,
      `${Math.round((await stat(database)).size / KIB / KIB)} MiB`,
      Math.round(perSecond).toLocaleString("en"),
      `${resumeMs.toFixed(2)} ms`,
    ]);
  }
  console.log(
    `## ${TOTAL.toLocaleString("en")} sessions without a link, ${WAITING} messages waiting for each\n`,
  );
  console.log(
    markdownTable(
      [
        "sessions",
        "heap above an empty server",
        "per session",
        "on disk",
        "made per second",
        "one resumed in",
      ],
      rows,
    ),
  );
} finally {
  await server.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
}

/**
 * Sessions that have met, with messages that wait for them.
 *
 * @param {number} first
 * @param {number} count
 */
async function create(first, count) {
  const ids = Array.from({ length: count }, (_, i) => `user/${first + i}`);
  await Promise.all(ids.map((id) => store.reset(id, "epoch")));
  const waiting = Array.from({ length: WAITING }, (_, n) => ({ n, text: "a message that waits" }));
  await Promise.all(ids.flatMap((id) => waiting.map((body) => server.enqueue(id, body))));
}

/**
 * Sessions come back one after the other, take what waits, and leave.
 *
 * @param {string} user
 * @param {number} count
 * @param {number} [among] so many of them exist
 * @param {number} [offset]
 * @returns {Promise<number>} how long one takes, in ms
 */
async function resume(user, count, among = 0, offset = 0) {
  const startMs = performance.now();
  for (let i = 0; i < count; i++) {
    // Far apart in the table.
    const id = `${user}/${among === 0 ? i : Math.floor((i * among) / count) + offset}`;
    const own = memorySessionStore();
    if (among > 0) await own.reset(id, "epoch");
    await using each = session({
      id,
      store: own,
      redial: (signal) => network.dial("memory:server", { signal }),
    });
    const [{ resumed }] = await each.once("welcome");
    if (among === 0) continue;
    if (!resumed) throw new Error(`${id} was not resumed`);
    await take(each, WAITING);
  }
  return (performance.now() - startMs) / count;
}

/**
 * @param {import("@net/ws/session").Session} from
 * @param {number} count
 */
async function take(from, count) {
  let left = count;
  for await (const delivery of from.inbox()) {
    const acknowledged = delivery.ack();
    if (--left > 0) continue;
    await acknowledged;
    return;
  }
}

function heapBytes() {
  collect();
  return process.memoryUsage().heapUsed;
}
