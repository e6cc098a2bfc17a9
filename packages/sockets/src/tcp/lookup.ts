import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { toNetworkError } from "@net/core";

/** One address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/** Finds the addresses of a host name, the preferred ones first. */
export type Lookup = (host: string) => Promise<readonly HostAddress[]>;

/** What the system says (its hosts file, its name servers), in the order it says it (RFC 6724). */
const lookupBySystem: Lookup = async (host) => {
  const found = await systemLookup(host, { all: true, order: "verbatim" });
  return found.map(({ address, family }) => ({ address, family: family === 6 ? 6 : 4 }));
};

/** An address as it is, if it is one and no name. */
export function literalAddress(host: string): HostAddress | undefined {
  const family = isIP(host);
  return family === 4 || family === 6 ? { address: host, family } : undefined;
}

/** The addresses of a host name. @throws ConnectionError (`resolve`) */
export async function resolveHost(
  host: string,
  lookup: Lookup = lookupBySystem,
): Promise<readonly HostAddress[]> {
  try {
    return await lookup(host);
  } catch (error) {
    throw toNetworkError(error, { doing: "resolve", address: host, phase: "resolve" });
  }
}

/**
 * The families in turn, the first address's family first, otherwise in the order given (RFC 8305 §4 with a First
 * Address Family Count of 1): when one family leads nowhere, the second attempt is made over the other.
 */
export function interleaveFamilies(addresses: readonly HostAddress[]): readonly HostAddress[] {
  const first = addresses[0]?.family;
  const preferred = addresses.filter(({ family }) => family === first);
  const others = addresses.filter(({ family }) => family !== first);
  const longest = Math.max(preferred.length, others.length);
  return Array.from({ length: longest }, (_, i) => [preferred[i], others[i]])
    .flat()
    .filter((address) => address !== undefined);
}
