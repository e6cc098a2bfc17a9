import { once } from "node:events";
import { deadline, formatHostPort } from "@net/core";
import { PeerNetwork } from "@net/p2p";
import type { JoinOptions } from "../arguments.ts";
import { type CountAnswer, registerTools } from "../peer/tools.ts";
import { networkIdOf } from "./token.ts";

/** How long a machine may look for the others before it says that it found nobody. */
const JOIN_TIMEOUT = 10_000;
const GREETING = "hello net hello";

/** A second machine: joins the network with a token, calls a tool on every machine it meets, and stays. */
export async function joinNetwork(options: JoinOptions, signal: AbortSignal): Promise<void> {
  const { name, join, token } = options;
  // It dials and is not dialled: nobody needs a port of this machine.
  const networkId = networkIdOf(token);
  await using network = new PeerNetwork({ peerId: name, networkId, host: "127.0.0.1", port: 0 });
  registerTools(network, { slow: false });
  network.on("peer:disconnected", (peerId) => say(`${peerId} is gone`));
  using limit = deadline(JOIN_TIMEOUT, signal);
  await network.start({ signal: limit.signal });
  await network.connect(`ws://${formatHostPort(join)}`, { token, signal: limit.signal });
  say(`${name} has joined the network at ${formatHostPort(join)}`);
  await greetEverybody(network, limit.signal);
  say("Ctrl-C leaves the network.");
  await once(signal, "abort");
}

/** Waits until three machines are known, and lets each count the words of a greeting. */
async function greetEverybody(network: PeerNetwork, signal: AbortSignal): Promise<void> {
  while (reachable(network).length < 3) await network.once("topology:updated", { signal });
  const bytes = new TextEncoder().encode(GREETING);
  for (const peerId of reachable(network)) {
    const { value, hops } = await network.call(peerId, "count-words", { bytes }, { signal });
    const { counts } = value as CountAnswer;
    const words = counts.map(([word, count]) => `${word} ${count}`).join(", ");
    say(`${peerId}, ${hops} hop${hops === 1 ? "" : "s"} away, counted: ${words}`);
  }
}

/** The other machines there is a way to, and whose tools are known. */
function reachable(network: PeerNetwork): string[] {
  const { nodes } = network.getTopologyGraph();
  return nodes
    .filter(({ self, hops, tools }) => !self && hops !== undefined && tools.length > 0)
    .map(({ id }) => id);
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
