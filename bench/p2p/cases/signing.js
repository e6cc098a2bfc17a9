// Signatures that a third party can check: one for each batch, as we make them, or one for each message.
import { startPair, startUs, tls } from "../ends.js";
import { goal, interleaved, printTable, quick, ratio, whole } from "../rounds.js";

export async function signing() {
  await using stack = new AsyncDisposableStack();
  const plain = await startUs(stack);
  const signed = await startPair(stack, "the same, each batch signed with Ed25519", "mesh", {
    ...{ tls, by: "executor", signed: true },
  });
  const each = await startPair(
    stack,
    "`ws` and JSON, each message signed with Ed25519",
    "bare-ws",
    {
      sign: true,
    },
  );
  const results = await interleaved(
    [plain, signed, each],
    ({ caller }) => caller.ask("closedLoop", { inFlight: 64, duration: quick ? 400 : 1_200 }),
    5,
  );
  const base = results.get(each)?.cpuUs ?? 0;
  printTable(
    "Signing, 64 calls in flight",
    ["", "CPU µs per call, both ends", "ratio", "calls/s"],
    [...results].map(([{ name }, { cpuUs, perSecond }]) => [
      ...[name, cpuUs.toFixed(1), ratio(cpuUs, base), whole(perSecond)],
    ]),
  );
  const seen = (results.get(signed)?.cpuUs ?? 0) / base;
  console.log("");
  goal(
    "signing per batch at most 1/10 of the CPU of signing per message",
    seen <= 0.1,
    `${seen.toFixed(3)}`,
  );
}
