import { hostAndPort } from "../../address.ts";
import type { FoundNode } from "./found-node.ts";
import { factsOf, placesOf, type Sighting } from "./sighting.ts";

/** All that was said of one node, as one. @param sightings one or more. */
export function foundNode(sightings: readonly Sighting[]): FoundNode {
  const addresses = addressesOf(sightings);
  const [first] = sightings;
  const best = sightings.find(({ kind }) => kind === "signed") ?? first;
  if (!first || !best) throw new TypeError("a node was sighted at least once");
  const { addresses: _, ...facts } = factsOf(best);
  const [address = ""] = addresses;
  const { host, port } = hostAndPort(address) ?? { host: "", port: 0 };
  return {
    ...{ address, host, port, addresses, source: first.source },
    sources: [...new Set(sightings.map(({ source }) => source))],
    verified: facts.publicKey !== undefined,
    ...facts,
  };
}

/** Each place once: those that were given by hand first, then those that were signed, in their order. */
function addressesOf(sightings: readonly Sighting[]): string[] {
  const manual = sightings.filter(({ source }) => source === "manual");
  const signed = sightings.filter(({ kind }) => kind === "signed");
  const addresses = new Map<string, string>();
  for (const each of [...manual, ...signed, ...sightings]) {
    for (const [index, address] of factsOf(each).addresses.entries()) {
      const place = placesOf(each)[index] ?? address;
      if (!addresses.has(place)) addresses.set(place, address);
    }
  }
  return [...addresses.values()];
}
