import type { DeviceIdentity } from "@net/core/identity";
import { CipherState } from "../noise/cipher-state.ts";
import type { NoiseKeys, NoiseRole } from "../noise/handshake.ts";
import { BatchMac } from "./batch-mac.ts";
import {
  Direction,
  identitySigner,
  identityVerifier,
  secretSignatures,
} from "./batch-signature.ts";
import type { Signing } from "./channel-policy.ts";
import { authenticatingSeal, encryptingSeal, type Seal, signingSeal } from "./seal.ts";
import type { Privacy } from "./terms.ts";

export interface SealOptions {
  readonly keys: NoiseKeys;
  readonly role: NoiseRole;
  readonly privacy: Privacy;
  readonly signing: Signing | undefined;
  readonly identity: DeviceIdentity;
  /** The raw public key that the other end has proven to hold. */
  readonly device: Uint8Array;
}

/** How batches are protected after a handshake that came to this. */
export function sealOf(options: SealOptions): Seal {
  const { keys, privacy, signing } = options;
  const { sendKey, receiveKey } = keys;
  const seal =
    privacy === "encryption"
      ? encryptingSeal(new CipherState(sendKey), new CipherState(receiveKey))
      : authenticatingSeal(new BatchMac(sendKey), new BatchMac(receiveKey));
  return signing ? signed(seal, signing, options) : seal;
}

function signed(seal: Seal, signing: Signing, { keys, role, identity, device }: SealOptions): Seal {
  const channel = keys.handshakeHash;
  const { fromInitiator, fromResponder } = Direction;
  const isInitiator = role === "initiator";
  const out = isInitiator ? fromInitiator : fromResponder;
  const back = isInitiator ? fromResponder : fromInitiator;
  if (signing.kind === "identity") {
    const verifier = identityVerifier(device, channel, back);
    return signingSeal(seal, identitySigner(identity, channel, out), verifier);
  }
  const { secret } = signing;
  const verifier = secretSignatures(secret, channel, back);
  return signingSeal(seal, secretSignatures(secret, channel, out), verifier);
}
