// Calls at a steady rate, and counts who answers, and what fails.
import { setTimeout as wait } from "node:timers/promises";
import { connect as dial } from "@nats-io/transport-node";
import { DistributedExecutor } from "@net/p2p";
import { answerParent, givenArguments } from "../processes.js";
import { startPeer } from "../rivals/mesh.js";
import { newBroker } from "../rivals/moleculer.js";

const TIMEOUT = 5_000;
const [kind, options, addresses] = givenArguments();
const callers = { mesh, nats, moleculer };
/** How many calls each provider has answered. @type {Map<string, number>} */
const answered = new Map();
/** The provider that is frozen. @type {string | undefined} */
let frozen;
/** When that one was last chosen, as far as that can be seen. @type {number | null} */
let givenMs = null;
let startMs = 0;
/** @type {Promise<unknown> | undefined} */
let running;

const call = await callers[/** @type {keyof typeof callers} */ (kind)]();
for (let i = 0; i < 20; i++) await call(true);
answerParent(true, {
  begin: (how) => {
    running = run(how);
  },
  /** Who answers most calls. */
  busiest: () => [...answered].toSorted(([, a], [, b]) => b - a)[0]?.[0],
  /** @param {string | undefined} name */
  frozen: (name) => {
    frozen = name;
  },
  result: () => running,
});

/** @param {{ duration: number, perSecond: number }} options */
async function run({ duration, perSecond }) {
  const counts = { repeatable: { calls: 0, failed: 0 }, others: { calls: 0, failed: 0 } };
  /** @type {Record<string, number>} */
  const errors = {};
  let slowestMs = 0;
  const underWay = new Set();
  startMs = performance.now();
  for (let i = 0; i < (duration / 1000) * perSecond; i++) {
    await wait(Math.max(0, startMs + (i * 1000) / perSecond - performance.now()));
    const count = i % 2 === 0 ? counts.repeatable : counts.others;
    count.calls += 1;
    const beganMs = performance.now();
    const done = call(i % 2 === 0)
      .then((provider) => {
        answered.set(provider, (answered.get(provider) ?? 0) + 1);
        slowestMs = Math.max(slowestMs, performance.now() - beganMs);
      })
      .catch((error) => {
        count.failed += 1;
        const what = String(error.code ?? error.name);
        errors[what] = (errors[what] ?? 0) + 1;
      })
      .finally(() => underWay.delete(done));
    underWay.add(done);
  }
  await Promise.all(underWay);
  return { ...counts, slowestMs, givenMs, errors };
}

/** @returns {Promise<(repeatable: boolean) => Promise<string>>} Resolves with who answered. */
async function mesh() {
  const network = await startPeer("caller", options);
  for (const address of addresses) await network.connect(address);
  const router = network.router();
  const choose = router.choose.bind(router);
  router.choose = (...asked) => {
    const chosen = choose(...asked);
    if (frozen !== undefined && chosen?.peerId === frozen) givenMs = performance.now() - startMs;
    return chosen;
  };
  const executor = new DistributedExecutor(network.tools, router);
  await wait(500);
  return async (repeatable) => {
    const tool = repeatable ? "repeatable" : "other";
    return (await executor.execute(tool, {}, {}, { deadlineMs: TIMEOUT })).executedOn;
  };
}

async function nats() {
  const connection = await dial({ servers: options.url });
  return async () => (await connection.request("work", "", { timeout: TIMEOUT })).string();
}

async function moleculer() {
  const broker = newBroker(options, "caller");
  await broker.start();
  await broker.waitForServices("work", 20_000);
  // Both must be known.
  await wait(5_000);
  return async () => await broker.call("work.run", {}, { timeout: TIMEOUT });
}
