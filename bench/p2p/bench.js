// The mesh against what people would take instead. `pnpm bench p2p` runs all cases, `pnpm bench p2p --calls --relay` some.
// Each end is a process of its own on the loopback interface; ours have everything on: TLS, batches authenticated, the
// router, the arguments checked by a schema, a deadline. Other flags: --no-tls, --profile=<directory>, --quick.
import { calls } from "./cases/calls.js";
import { convergence } from "./cases/convergence.js";
import { frozen } from "./cases/frozen.js";
import { open } from "./cases/open.js";
import { relay } from "./cases/relay.js";
import { signing } from "./cases/signing.js";
import { slowPeer } from "./cases/slow-peer.js";
import { stream } from "./cases/stream.js";

/** By the name of their flag. */
const cases = {
  ...{ calls, open, signing, relay, stream, convergence, frozen },
  "slow-peer": slowPeer,
};

const chosen = Object.keys(cases).filter((name) => process.argv.includes(`--${name}`));
for (const [name, run] of Object.entries(cases)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const startMs = performance.now();
  await run();
  console.log(`(${name}: ${((performance.now() - startMs) / 1000).toFixed(0)} s)`);
}
process.exit();
