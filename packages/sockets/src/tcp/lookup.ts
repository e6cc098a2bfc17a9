import { lookup as systemLookup } from "node:dns/promises";
import { isIP } from "node:net";
import { toNetworkError } from "@net/core";

/** One address of a host. */
export interface HostAddress {
  readonly address: string;
  readonly family: 4 | 6;
}

/**
 * Finds the addresses of a host name, the preferred ones first: of one family, or of both in the order to use. Others
 * than those asked for are ignored.
 */
export type Lookup = (host: string, family?: 4 | 6) => Promise<readonly HostAddress[]>;

/** What the system says: its hosts file, its name servers; both families in its order (RFC 6724). */
export const lookupBySystem: Lookup = async (host, family) => {
  const found = await systemLookup(host, { all: true, order: "verbatim", family: family ?? 0 });
  return found.map(({ address, family: its }) => ({ address, family: its === 6 ? 6 : 4 }));
};

/** An address as it is, if it is one and no name. */
export function literalAddress(host: string): HostAddress | undefined {
  const family = isIP(host);
  return family === 4 || family === 6 ? { address: host, family } : undefined;
}

/** The addresses of a host name, of both families. @throws ConnectionError (`resolve`) */
export async function resolveHost(
  host: string,
  lookup: Lookup = lookupBySystem,
): Promise<readonly HostAddress[]> {
  try {
    return await lookup(host);
  } catch (error) {
    throw lookupError(host, error);
  }
}

/** @returns a ConnectionError (`resolve`) */
export function lookupError(host: string, error: unknown): Error {
  return toNetworkError(error, { doing: "resolve", address: host, phase: "resolve" });
}
