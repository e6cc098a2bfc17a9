// One gibibyte out of a tool that is an async generator, against the same bytes over bare `ws` and TLS.
import { tls } from "../ends.js";
import { startPart } from "../processes.js";
import { goal, interleaved, printTable, quick, ratio } from "../rounds.js";

const MIB = 2 ** 20;
const TOTAL = (quick ? 64 : 1024) * MIB;

export async function stream() {
  await using stack = new AsyncDisposableStack();
  const variants = [];
  for (const { name, kind, chunkBytes } of [
    { name: `bare ${tls ? "wss" : "ws"}, 64 KiB at a time`, kind: "bare", chunkBytes: 65_536 },
    { name: "`call.stream`, 64 KiB at a time", kind: "mesh", chunkBytes: 65_536 },
    { name: "`call.stream`, 16 KiB at a time", kind: "mesh", chunkBytes: 16_384 },
  ]) {
    const server = stack.use(await startPart("bytes.js", "serve", kind, { tls }));
    const caller = stack.use(await startPart("bytes.js", "read", kind, { tls }, server.ready));
    variants.push({ name, chunkBytes, caller, server });
  }
  const idleMiB = new Map();
  for (const each of variants) idleMiB.set(each, await peaks(each));
  const results = await interleaved(
    variants,
    ({ caller, chunkBytes }, round) => caller.ask("read", round < 0 ? 32 * MIB : TOTAL, chunkBytes),
    quick ? 1 : 3,
  );
  const [first] = variants;
  const base = (first && results.get(first)?.perSecond) ?? 0;
  const rows = [];
  for (const [each, { perSecond, cpuUs }] of results) {
    const [idleFrom, idleTo] = idleMiB.get(each);
    const [from, to] = await peaks(each);
    rows.push([
      ...[each.name, perSecond.toFixed(0), ratio(perSecond, base), (cpuUs / 1000).toFixed(2)],
      ...[`${from.toFixed(0)} (${idleFrom.toFixed(0)})`, `${to.toFixed(0)} (${idleTo.toFixed(0)})`],
    ]);
  }
  printTable(
    `A stream of ${TOTAL / MIB} MiB`,
    ["", "MiB/s", "ratio", "CPU ms per MiB", "sender's peak RSS MiB (before)", "reader's"],
    rows,
  );
  const seen =
    Math.max(...variants.slice(1).map((each) => results.get(each)?.perSecond ?? 0)) / base;
  console.log("");
  goal("a stream at least 0.7× bare wss", seen >= 0.7, `${seen.toFixed(2)}×`);
}

/** @param {import("../rounds.js").Variant} variant */
async function peaks({ caller, server }) {
  return [await server?.ask("peakMiB"), await caller.ask("peakMiB")];
}
