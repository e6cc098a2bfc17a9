import { toNetworkError } from "../errors/convert.ts";
import { redact } from "../errors/redact.ts";
import type { Link } from "../link/transport.ts";
import { type DialMessage, type LinkOpenMessage, publish } from "./channels.ts";

/** Runs a dial and publishes how it went on `net:transport:dial`, and the link on `net:link:open` and `:close`. */
export async function observeDial(
  transport: string,
  address: string,
  dial: () => Promise<Link>,
): Promise<Link> {
  const start = performance.now();
  const told = (): Omit<DialMessage, "error"> => ({
    transport,
    address: redact(address),
    durationMs: performance.now() - start,
  });
  try {
    const link = await dial();
    publish("net:transport:dial", told);
    observeLink(transport, link, "dialled");
    return link;
  } catch (cause) {
    const error = toNetworkError(cause, { doing: "dial", address });
    publish("net:transport:dial", () => ({ ...told(), error }));
    throw error;
  }
}

/** Publishes a link's opening now and its end when it comes. */
export function observeLink(
  transport: string,
  link: Link,
  direction: LinkOpenMessage["direction"],
): void {
  const { remoteAddress } = link;
  publish("net:link:open", () => ({ transport, remoteAddress, direction }));
  void link.closed.then((reason) => {
    publish("net:link:close", () => ({ transport, remoteAddress, reason }));
  });
}
