/** Whether a handshake must be about the very TLS channel below it. */
export type ChannelBinding = "require" | "prefer" | "off";

/** How batches are signed, beside their being authenticated: with the device's key, or with what both ends know. */
export type Signing =
  | { readonly kind: "identity" }
  | { readonly kind: "secret"; readonly secret: Uint8Array };

/** What an end wants of its links. */
export interface ChannelPolicy {
  readonly channelBinding: ChannelBinding;
  /** Whether links on this machine need no encryption, if the other end says so too. */
  readonly plaintext: boolean;
  /** Undefined: batches are not signed. */
  readonly signing: Signing | undefined;
  /** Whether this end's device key is the same after a restart, so that others should remember it. */
  readonly keepsIdentity: boolean;
}

/** Of an end that says nothing else. */
export const DEFAULT_CHANNEL_POLICY: ChannelPolicy = {
  channelBinding: "prefer",
  plaintext: false,
  signing: undefined,
  keepsIdentity: false,
};
