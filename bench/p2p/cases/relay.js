// Through one relay, a process of its own, which can read nothing of it.
import { startUs, tls } from "../ends.js";
import { startPart } from "../processes.js";
import { goal, interleaved, printTable, quick, ratio, whole } from "../rounds.js";

/** Until the compiler has seen enough also of a relay, which handles a batch where the ends handle 32 calls. */
const WARM_UP = quick ? 400 : 6_000;
const DURATION = quick ? 400 : 1_500;

export async function relay() {
  await using stack = new AsyncDisposableStack();
  const direct = await startUs(stack);
  const relaying = stack.use(await startPart("relay.js", { tls, relay: true }));
  const options = { tls, by: "executor", via: relaying.ready };
  const server = stack.use(await startPart("end.js", "serve", "mesh", options));
  const caller = stack.use(await startPart("end.js", "call", "mesh", options, relaying.ready));
  const relayed = { name: "through a relay (its CPU not counted)", server, caller };
  const results = await interleaved(
    [direct, relayed],
    ({ caller: asking }, round) =>
      asking.ask("closedLoop", { inFlight: 64, duration: round < 0 ? WARM_UP : DURATION }),
    6,
  );
  const base = results.get(direct)?.perSecond ?? 0;
  printTable(
    "Through one relay, 64 calls in flight",
    ["", "calls/s", "ratio", "CPU µs per call, both ends", "p50 ms", "p99 ms"],
    [...results].map(([{ name }, { perSecond, cpuUs, p50Ms, p99Ms }]) => [
      ...[name, whole(perSecond), ratio(perSecond, base)],
      ...[cpuUs.toFixed(1), p50Ms.toFixed(3), p99Ms.toFixed(2)],
    ]),
  );
  const seen = (results.get(relayed)?.perSecond ?? 0) / base;
  console.log("");
  goal("through a relay at least 50 % of direct", seen >= 0.5, `${(100 * seen).toFixed(0)} %`);
}
