// 64 calls under way, then one: what can be carried, and what a single caller waits.
import { startAll } from "../ends.js";
import { goal, interleaved, printTable, quick, ratio, whole } from "../rounds.js";

/** @typedef {import("../rounds.js").Variant} Variant */
/** @typedef {import("../rounds.js").Measured} Measured */

const DURATION = quick ? 400 : 1_200;
/**
 * Until the compiler has seen enough, also of what is done once for a batch: these processes live for weeks. (Measured through a
 * relay: calls take less and less CPU for a quarter of a minute.)
 */
const WARM_UP = quick ? 400 : 15_000;
/** The same processes again: they are warm. */
const WARM_UP_AGAIN = 2_000;

export async function calls() {
  await using stack = new AsyncDisposableStack();
  const { bare, us, call, nats, moleculer, libp2p, http, mcp } = await startAll(stack);
  const all = [bare, us, call, nats, moleculer, libp2p, http, mcp].filter((each) => !!each);
  const many = await measure(all, 64, 5);
  print("64 calls in flight", many, bare);
  const one = await measure(all, 1, 5);
  print("One call in flight", one, bare);

  const perSecond = (/** @type {Variant} */ each) => many.get(each)?.perSecond ?? 0;
  const against = (/** @type {number} */ factor, /** @type {Variant | undefined} */ rival) => {
    if (!rival) return;
    const seen = perSecond(us) / perSecond(rival);
    goal(`calls/s at least ${factor}× ${rival.name}`, seen >= factor, `${seen.toFixed(2)}×`);
  };
  console.log("");
  against(1, bare);
  against(2, nats);
  against(1, moleculer);
  against(5, libp2p);
  against(3, http);
  against(25, mcp);
  const p50 = (one.get(us)?.p50Ms ?? 0) / (one.get(bare)?.p50Ms ?? 1);
  goal("one in flight, p50 at most 2.5× bare `ws`", p50 <= 2.5, `${p50.toFixed(2)}×`);
}

/** @param {Variant[]} variants @param {number} inFlight @param {number} rounds */
function measure(variants, inFlight, rounds) {
  const [duration, warmUp] = inFlight === 1 ? [DURATION / 2, WARM_UP_AGAIN] : [DURATION, WARM_UP];
  return interleaved(
    variants,
    ({ caller }, round) =>
      caller.ask("closedLoop", { inFlight, duration: round < 0 ? warmUp : duration }),
    rounds,
  );
}

/** @param {string} title @param {Map<Variant, Measured>} results @param {Variant} base */
function print(title, results, base) {
  const first = results.get(base);
  if (!first) return;
  printTable(
    title,
    ["", "calls/s", "ratio", "CPU µs per call, both ends", "ratio", "p50 ms", "p99 ms"],
    [...results].map(([{ name }, { perSecond, cpuUs, p50Ms, p99Ms }]) => [
      ...[name, whole(perSecond), ratio(perSecond, first.perSecond)],
      ...[cpuUs.toFixed(1), ratio(cpuUs, first.cpuUs), p50Ms.toFixed(3), p99Ms.toFixed(2)],
    ]),
  );
}
