import type { Channel } from "../channel/channel.ts";

/** Whose the calls over a channel are: a person's, or where nobody vouches for one, a device's. Never what somebody claims. */
export function principalOf({ certificate, device }: Channel): string {
  return principal(certificate?.owner, device);
}

/** @param owner the raw public key of the owner who vouches for the device, if one does. */
export function principal(owner: Uint8Array | undefined, device: Uint8Array): string {
  const key = Buffer.from(owner ?? device).toString("base64url");
  return `${owner ? "owner" : "device"} ${key}`;
}
