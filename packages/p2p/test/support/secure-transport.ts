import { type Acceptor, type Dialer, type Link, ProtocolError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import type { LinkLimits } from "@net/core/testing";
import type { NoiseRole } from "../../src/noise/handshake.ts";
import { secure } from "../../src/secure/secure.ts";

/** What a batch of one frame adds to it. */
export const OVERHEAD_BYTES = 21;

/** Makes a link pass for TLS 1.3: both ends have the same channel binding. */
function asTLS(link: Link): Link {
  const security = { encrypted: true, channelBinding: new Uint8Array(32).fill(7) };
  return Object.defineProperty(link, "security", { value: security });
}

/** Secures every link of a transport, so that the result is a transport too; over TLS, or what passes for it. */
export function secureTransport(
  below: Dialer & Acceptor,
  limits?: LinkLimits,
  { overTLS = false }: { readonly overTLS?: boolean } = {},
): Dialer & Acceptor {
  const identity = DeviceIdentity.generate();
  const secured = async (link: Link, role: NoiseRole, signal: AbortSignal): Promise<Link> => {
    const { link: result } = await secure(overTLS ? asTLS(link) : link, {
      ...{ role, identity, signal, limits },
      context: "test",
      introduction: Buffer.from(role),
      check: () => {},
      errorOf: ({ code }) => new ProtocolError(`the link ended: ${code}`),
      refuse: async (refused) => refused.abort(),
    });
    return result;
  };
  const never = new AbortController().signal;
  return {
    schemes: below.schemes,
    dial: async (address, { signal = never } = {}) =>
      await secured(await below.dial(address, { signal }), "initiator", signal),
    listen: (address, accept, options) =>
      below.listen(
        address,
        // A handshake that failed is no link.
        (link) => void secured(link, "responder", never).then(accept, () => {}),
        options,
      ),
  };
}
