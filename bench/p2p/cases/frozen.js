// One of two providers, the one that answered most calls until then, is frozen (SIGSTOP) for most of the time, while 20
// calls a second go on; every second call may be repeated, the others must not be. The rivals have no such difference: all
// their calls count as the others. A call may take five seconds, everywhere; all three run at the same time.
import { setTimeout as wait } from "node:timers/promises";
import { tls } from "../ends.js";
import { freePort, startNats } from "../nats-server.js";
import { startPart } from "../processes.js";
import { goal, printTable, quick } from "../rounds.js";

const DURATION = quick ? 10_000 : 40_000;
const FROZEN_AFTER = 3_000;
/** So long before the end it is let go again: until then nothing of it is needed. */
const THAWED_BEFORE_END = 1_000;

/** @typedef {import("../processes.js").Part} Part */

export async function frozen() {
  await using stack = new AsyncDisposableStack();
  const nats = stack.use(await startNats());
  const ports = { caller: await freePort(), one: await freePort(), two: await freePort() };
  const kinds = [
    { name: "`DistributedExecutor`", kind: "mesh", options: { tls } },
    ...(nats ? [{ name: "NATS, queue group", kind: "nats", options: { url: nats.url } }] : []),
    { name: "moleculer, TCP", kind: "moleculer", options: { ports } },
  ];
  /** @type {{ name: string, caller: Part, providers: Record<string, Part> }[]} */
  const started = [];
  for (const { name, kind, options } of kinds) {
    const one = stack.use(await startPart("provider.js", kind, options, "one"));
    const two = stack.use(await startPart("provider.js", kind, options, "two"));
    const addresses = [one.ready, two.ready];
    const caller = stack.use(await startPart("steady-caller.js", kind, options, addresses));
    started.push({ name, caller, providers: { one, two } });
  }
  for (const { caller } of started)
    await caller.ask("begin", { duration: DURATION, perSecond: 20 });
  await wait(FROZEN_AFTER);
  /** @type {Part[]} */
  const stopped = [];
  for (const { caller, providers } of started) {
    const busiest = await caller.ask("busiest");
    const provider = providers[busiest];
    if (!provider) throw new Error(`nobody has answered yet, as far as can be seen: ${busiest}`);
    provider.kill("SIGSTOP");
    await caller.ask("frozen", busiest);
    stopped.push(provider);
  }
  await wait(DURATION - FROZEN_AFTER - THAWED_BEFORE_END);
  for (const [i, { caller }] of started.entries()) {
    await caller.ask("frozen");
    stopped[i]?.kill("SIGCONT");
  }
  const results = await Promise.all(started.map(({ caller }) => caller.ask("result")));
  printTable(
    `The busier one of two providers frozen for ${(DURATION - FROZEN_AFTER - THAWED_BEFORE_END) / 1000} s, 20 calls/s`,
    [
      "",
      "failed, may be repeated",
      "failed, others",
      "slowest answer ms",
      "last call given to it after s",
    ],
    results.map(({ repeatable, others, slowestMs, givenMs }, i) => [
      ...[started[i]?.name ?? "", `${repeatable.failed} of ${repeatable.calls}`],
      ...[`${others.failed} of ${others.calls}`, slowestMs.toFixed(0)],
      givenMs === null ? "" : ((givenMs - FROZEN_AFTER) / 1000).toFixed(1),
    ]),
  );
  judge(results[0]);
}

/** @param {any} ours */
function judge({ repeatable, others, givenMs, errors }) {
  console.log("");
  if (Object.keys(errors).length > 0) console.log(`failures: ${JSON.stringify(errors)}`);
  const suspectedMs = Math.max(0, givenMs - FROZEN_AFTER);
  goal(
    "suspected within 2 s",
    suspectedMs <= 2_000,
    `no call after ${(suspectedMs / 1000).toFixed(1)} s`,
  );
  goal("no call failed that may be repeated", repeatable.failed === 0, `${repeatable.failed}`);
  const part = others.failed / others.calls;
  goal("at most 0.5 % of the others failed", part <= 0.005, `${(100 * part).toFixed(2)} %`);
}
