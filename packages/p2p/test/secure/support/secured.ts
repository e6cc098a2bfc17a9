import { type CloseReason, type Link, ProtocolError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import type { NoiseRole } from "../../../src/noise/handshake.ts";
import { secure } from "../../../src/secure/secure.ts";
import type { SecureLink } from "../../../src/secure/secure-link.ts";

/** One end of a secured link, for whoever may be at the other one. */
export async function secured(link: Link, role: NoiseRole): Promise<SecureLink> {
  const result = await secure(link, {
    ...{ role, context: "link", identity: DeviceIdentity.generate() },
    introduction: new Uint8Array(0),
    check: () => {},
    errorOf: ({ code }: CloseReason) => new ProtocolError(code),
    refuse: async (refused) => refused.abort(),
    signal: new AbortController().signal,
  });
  return result.link;
}
