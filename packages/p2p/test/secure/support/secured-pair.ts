import { type CloseReason, type Link, memoryTransport, ProtocolError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import type { NoiseRole } from "../../../src/noise/handshake.ts";
import { secure } from "../../../src/secure/secure.ts";
import type { SecureLink } from "../../../src/secure/secure-link.ts";

export interface PairOptions {
  readonly maxFrameBytes?: number;
  /** What the dialler puts in the place of the link below. Default: the link. */
  readonly below?: (link: Link) => Link;
}

/** Both ends of a secured link: the one that dialled first. */
export async function securedPair({
  maxFrameBytes,
  below = (link) => link,
}: PairOptions = {}): Promise<readonly [SecureLink, SecureLink]> {
  const network = memoryTransport(maxFrameBytes === undefined ? {} : { maxFrameBytes });
  const accepted = Promise.withResolvers<Link>();
  await network.listen("memory:target", accepted.resolve);
  const dialled = await network.dial("memory:target");
  const there = accepted.promise.then((link) => secured(link, "responder"));
  return await Promise.all([secured(below(dialled), "initiator"), there]);
}

async function secured(link: Link, role: NoiseRole): Promise<SecureLink> {
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
