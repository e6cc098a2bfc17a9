// Many peers in one process.
import { setTimeout as wait } from "node:timers/promises";
import { answerParent, givenArguments } from "../processes.js";
import { startPeer } from "../rivals/mesh.js";

const MAX_TRIES = 5;
/** All dialling ends after this, in ms. */
const DIALLING = 40_000;
let failedDials = 0;
let failedLinks = 0;

const [{ tls, from, step, peers }] = givenArguments();
/** @type {Map<number, import("@net/p2p").PeerNetwork>} */
const networks = new Map();
for (let i = from; i < peers; i += step) {
  networks.set(i, await startPeer(`peer-${i}`, { tls, relay: true, crowded: true }));
}

/** Those that know all are not asked again: what is known stays known. */
const waiting = new Set(networks.values());
const addresses = Object.fromEntries([...networks].map(([i, { address }]) => [i, address]));
answerParent(addresses, {
  /** Each peer dials its links one after the other. @param {[number, string][]} links */
  dial: async (links) => {
    const signal = AbortSignal.timeout(DIALLING);
    const dialling = [...networks].map(async ([i, network]) => {
      for (const [peer, address] of links) if (peer === i) await connect(network, address, signal);
    });
    await Promise.all(dialling);
    return { failedDials, failedLinks };
  },
  /** How many the least knowing peer can reach, itself included. @param {number} all */
  knownByAll: (all) => {
    for (const network of waiting) {
      const known = network
        .getTopologyGraph()
        .nodes.filter(({ hops }) => hops !== undefined).length;
      if (known < all) return known;
      waiting.delete(network);
    }
    return all;
  },
});

/**
 * All dial at once: some are turned away for the moment, or are not answered in time.
 *
 * @param {import("@net/p2p").PeerNetwork} network
 * @param {string} address
 * @param {AbortSignal} signal
 */
async function connect(network, address, signal) {
  for (let tries = 1; ; tries++) {
    try {
      await network.connect(address, { signal });
      return;
    } catch {
      failedDials += 1;
      if (tries === MAX_TRIES || signal.aborted) {
        failedLinks += 1;
        return;
      }
      await wait(100 * tries);
    }
  }
}
