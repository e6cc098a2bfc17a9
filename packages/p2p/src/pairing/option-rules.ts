import type { Acceptor, Dialer } from "@net/core";
import type { OwnerIdentity } from "@net/core/identity";
import {
  aborting,
  assertOptions,
  assertRequired,
  callable,
  clock,
  having,
  type Rules,
  readElsewhere,
  text,
} from "@net/core/options";
import { deviceIdentity, ownerTrust } from "../options/rules.ts";
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
  assertRequired(options, offer, ["owner", "trust", "transport", "listenAddress"], "offerPairing");
}

/** The same of the other end's. @throws ValidationError */
export function assertPairOptions(options: PairDeviceOptions): void {
  assertOptions(options, pair, "pairDevice", (name) => name);
  assertRequired(options, pair, ["identity", "name", "transport"], "pairDevice");
}
