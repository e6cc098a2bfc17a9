import type { Acceptor, Dialer } from "@net/core";
import type { OwnerIdentity } from "@net/core/identity";
import { invalid } from "../names.ts";
import {
  aborting,
  assertOptions,
  callable,
  clock,
  deviceIdentity,
  having,
  ownerTrust,
  type Rules,
  readElsewhere,
  text,
} from "../options/rules.ts";
import type { OfferPairingOptions } from "./offer-options.ts";
import type { PairDeviceOptions } from "./pair-device.ts";

const offer: Rules<OfferPairingOptions> = {
  ...{ owner: having<OwnerIdentity>("an OwnerIdentity", ["certify"]), trust: ownerTrust },
  ...{ transport: having<Acceptor>("a Transport that listens", ["listen"]), listenAddress: text },
  ...{ identity: deviceIdentity, name: callable, lifetime: readElsewhere },
  ...{ signal: aborting, clock },
};

const pair: Rules<PairDeviceOptions> = {
  ...{ identity: deviceIdentity, name: text, transport: having<Dialer>("a Transport", ["dial"]) },
  ...{ signal: aborting, clock },
};

/** Checks what TypeScript cannot. @throws ValidationError naming the option and what it must be. */
export function assertOfferOptions(options: OfferPairingOptions): void {
  assertOptions(options, offer, "offerPairing", (name) => name);
  assertGiven(options, offer, ["owner", "trust", "transport", "listenAddress"]);
}

/** The same of the other end's. @throws ValidationError */
export function assertPairOptions(options: PairDeviceOptions): void {
  assertOptions(options, pair, "pairDevice", (name) => name);
  assertGiven(options, pair, ["identity", "name", "transport"]);
}

function assertGiven<Options extends object>(
  options: Options,
  rules: Rules<Options>,
  names: readonly (keyof Options & string)[],
): void {
  const missing = names.find((name) => options[name] === undefined);
  if (missing !== undefined) throw invalid(missing, rules[missing].words);
}
