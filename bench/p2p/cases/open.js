// Calls that begin when they are due, at random moments: what callers wait at a rate that is given.
import { startAll } from "../ends.js";
import { interleaved, printTable, quick, whole } from "../rounds.js";

const DURATION = quick ? 400 : 1_000;

export async function open() {
  await using stack = new AsyncDisposableStack();
  const { bare, us, call, nats, moleculer, libp2p, http } = await startAll(stack);
  const all = [bare, us, call, nats, moleculer, libp2p, http].filter((each) => !!each);
  for (const perSecond of [10_000, 20_000]) {
    const results = await interleaved(
      all,
      ({ caller }, round) =>
        caller.ask("openLoop", { perSecond, duration: DURATION, seed: perSecond + round }),
      2,
    );
    printTable(
      `Open loop, ${whole(perSecond)} calls/s`,
      ["", "p50 ms", "p99 ms", "answered/s"],
      [...results].map(([{ name }, { keptUp, p50Ms, p99Ms, perSecond: seen }]) =>
        keptUp
          ? [name, p50Ms.toFixed(2), p99Ms.toFixed(2), whole(seen)]
          : [name, "cannot keep up", "", ""],
      ),
    );
  }
}
