import type { Link } from "@net/core";
import type { NoiseRole } from "../noise/handshake.ts";
import { secure } from "../secure/secure.ts";
import type { Party } from "./handshake.ts";
import { HandshakeChannel } from "./handshake-channel.ts";
import { endHandshake, errorOfClose } from "./refusal.ts";

/** What the handshake of a link between neighbours is for. */
const LINK_CONTEXT = "link";
const NOTHING: Uint8Array = new Uint8Array(0);

/**
 * Secures a link, so that what the handshake says on it nobody else reads, and nobody in between can pass on as his.
 *
 * @param context what the link is for: both ends must mean the same. Default: a link between neighbours.
 * @throws ProtocolError if the other end speaks something else; AuthenticationError; AbortedError. Then the link was ended.
 */
export async function secureChannel(
  link: Link,
  role: NoiseRole,
  { identity, policy }: Pick<Party, "identity" | "policy">,
  signal: AbortSignal,
  context: string = LINK_CONTEXT,
): Promise<HandshakeChannel> {
  const { link: secured, other } = await secure(link, {
    ...{ role, identity, policy, signal, context },
    introduction: NOTHING,
    check: (_body, device, { keepsIdentity }) => ({ device, keepsIdentity }),
    errorOf: (reason) => errorOfClose(reason, link.remoteAddress),
    refuse: endHandshake,
  });
  return new HandshakeChannel(secured, other);
}
