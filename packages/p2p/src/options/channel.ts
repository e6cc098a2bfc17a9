import { KeyObject } from "node:crypto";
import { invalid } from "../names.ts";
import type { ChannelBinding, ChannelPolicy, Signing } from "../secure/channel-policy.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";
import { isWeak, readSecret, warnOfWeakSecret } from "./secret.ts";

const bindings: readonly unknown[] = ["require", "prefer", "off"] satisfies ChannelBinding[];
const plaintexts: readonly unknown[] = ["never", "loopback"];

/** How links are protected. @throws ValidationError */
export function readChannelPolicy(
  options: PeerNetworkOptions,
  keepsIdentity: boolean,
): ChannelPolicy {
  const { enableTLS = false, plaintext = "never" } = options;
  const { channelBinding = enableTLS ? "require" : "prefer" } = options;
  if (!bindings.includes(channelBinding)) {
    throw invalid("channelBinding", "require, prefer or off");
  }
  if (!plaintexts.includes(plaintext)) throw invalid("plaintext", "never or loopback");
  return {
    ...{ channelBinding, keepsIdentity, plaintext: plaintext === "loopback" },
    signing: readSigning(options),
  };
}

function readSigning({
  enableMessageSigning = false,
  signingKey,
  strict = false,
  logger,
}: PeerNetworkOptions): Signing | undefined {
  if (signingKey === undefined || signingKey instanceof KeyObject) {
    return enableMessageSigning ? { kind: "identity" } : undefined;
  }
  if (typeof signingKey !== "string") {
    throw invalid("signingKey", "a text, or the KeyObject of an Ed25519 private key");
  }
  if (!enableMessageSigning) {
    throw invalid("signingKey", "left out without enableMessageSigning: nothing is signed with it");
  }
  const secret = readSecret(signingKey, "signingKey", strict);
  if (isWeak(secret)) {
    warnOfWeakSecret("signingKey", "whoever is linked once can guess it", logger);
  }
  return { kind: "secret", secret };
}
