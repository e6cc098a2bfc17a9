import type { DeviceCertificate } from "@net/core/identity";
import type { Claims } from "./token-claims.ts";

/** What a peer shows to be let in. */
export interface Credentials {
  /** Made by somebody who may let others in. */
  readonly token?: string | undefined;
  /** Made by the owner of the device. */
  readonly certificate?: string | undefined;
  /** Grants to that owner by the owner of whoever they are shown to. */
  readonly grants?: readonly string[] | undefined;
}

/** Who vouches for a peer: a token, the owner, or in an open network nobody. */
export interface Standing {
  readonly claims?: Claims | undefined;
  /** The raw public key that signed the token; undefined if it was made with the network's secret. */
  readonly issuer?: Uint8Array | undefined;
  readonly certificate?: DeviceCertificate | undefined;
  /** What this owner has granted to the peer's; undefined for a device of the same owner. */
  readonly shared?: readonly string[] | undefined;
  /** The tools that this peer's own `allow` lists for it; undefined if it lists tools for nobody. */
  readonly allowed?: readonly string[] | undefined;
}
