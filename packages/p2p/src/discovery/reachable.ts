import { hostAndPort, isLoopback } from "../address.ts";
import { isLinkLocal } from "./interfaces/link-local.ts";
import { listInterfaces, type NetInterface, selectInterfaces } from "./interfaces/net-interface.ts";
import { MAX_ADDRESSES } from "./record/peer-record.ts";

/** Under which hosts a peer is told of that listens at every address of this machine, per family. */
const everywhere: ReadonlyMap<string, readonly (4 | 6)[]> = new Map([
  ["0.0.0.0", [4]],
  ["[::]", [4, 6]],
]);

/**
 * Where others can dial a peer that listens at `address`: there, or, if that is every address of this machine, at those
 * of the interfaces that it is told of through, without link-local ones, which mean nothing elsewhere.
 *
 * @param list the interfaces of this machine, for tests.
 */
export function reachableAddresses(
  address: string,
  wanted: readonly string[] | "all",
  list: readonly NetInterface[] = listInterfaces(),
): readonly string[] {
  const host = hostAndPort(address)?.host ?? "";
  const families = everywhere.get(host);
  if (!families) return [address];
  const selected = selectInterfaces(list, wanted).filter(({ family }) => families.includes(family));
  const outer = selected.filter(({ internal }) => !internal);
  const hosts = (outer.length > 0 ? outer : selected).flatMap(hostsOf);
  const addresses = hosts.map((each) => address.replace(host, each));
  return [...new Set(addresses)].slice(0, MAX_ADDRESSES);
}

/** Whether a peer that listens there does so at every address of this machine. */
export function listensEverywhere(address: string): boolean {
  return everywhere.has(hostAndPort(address)?.host ?? "");
}

/** Whether anybody there can dial one of the addresses. */
export function isReachableFrom({ internal }: NetInterface, addresses: readonly string[]): boolean {
  return internal || !addresses.every(isLoopback);
}

function hostsOf({ family, addresses }: NetInterface): string[] {
  const own = addresses.filter((address) => address.includes(":") === (family === 6));
  return own
    .filter((address) => !isLinkLocal(address))
    .map((address) => (family === 6 ? `[${address}]` : address));
}
