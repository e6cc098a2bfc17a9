import type { DeviceCertificate } from "@net/core/identity";
import type { Claims } from "./token.ts";

/** What a peer shows to be let in. */
export interface Credentials {
  /** Made by somebody who knows the network's secret. */
  readonly token?: string | undefined;
  /** Made by the owner of the device. */
  readonly certificate?: string | undefined;
}

/** Who vouches for a peer: a token, the owner, or in an open network nobody. */
export interface Standing {
  readonly claims?: Claims | undefined;
  readonly certificate?: DeviceCertificate | undefined;
}
