import type { OwnerTrust } from "@net/core/identity";
import {
  aborting,
  assertOptions,
  callable,
  clock,
  having,
  listOf,
  logger,
  type Rules,
  readElsewhere,
  someRecord,
} from "@net/core/options";
import { rawKey } from "../options/rules.ts";
import type { DiscoverOptions } from "./discover-options.ts";
import type { NodeTrust } from "./nodes/trust.ts";
import { rendezvousRule } from "./peer-discovery-options.ts";
import { isDialAddress } from "./record/peer-record.ts";

const address = {
  words: "an address with a host and a port, as ws://host:port",
  accepts: (value: unknown): boolean => typeof value === "string" && isDialAddress(value),
};

const rules: Rules<DiscoverOptions> = {
  ...{ mdns: readElsewhere, broadcast: readElsewhere, range: readElsewhere },
  ...{ rendezvous: rendezvousRule, manual: listOf(address, `a list, each ${address.words}`) },
  ...{ identify: callable, networkId: readElsewhere, trust: someRecord, self: rawKey },
  ...{ signal: aborting, clock, logger },
};

const trust: Rules<NodeTrust> = {
  owner: having<Pick<OwnerTrust, "isRevoked">>("an OwnerTrust", ["isRevoked"]),
  keys: listOf(rawKey, `a list, each ${rawKey.words}`),
};

/** Checks what TypeScript cannot. @throws ValidationError naming the option and what it must be. */
export function assertDiscoverOptions(options: DiscoverOptions): void {
  assertOptions(options, rules, "a search for peers", (name) => name);
  if (options.trust) assertOptions(options.trust, trust, "trust");
}
