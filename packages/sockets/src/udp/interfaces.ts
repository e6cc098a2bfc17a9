import { isIP, isIPv6 } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces as systemInterfaces } from "node:os";
import { ValidationError } from "@net/core";

/** One address of one of this machine's interfaces. */
export interface LocalInterface {
  readonly name: string;
  readonly address: string;
  readonly family: 4 | 6;
  /** Only reachable from this machine. */
  readonly internal: boolean;
  /** Where IPv4 broadcasts of its network go; undefined for IPv6. */
  readonly broadcast: string | undefined;
}

/**
 * The addresses of this machine's interfaces. To be heard on every network, multicast has to leave by each of them:
 * one {@link UDPClient} per interface.
 *
 * @example
 * ```ts
 * for (const { name, internal } of localInterfaces()) {
 *   if (!internal) sockets.push(await UDPClient.open({ host: "0.0.0.0", multicast: { interface: name } }));
 * }
 * ```
 */
export function localInterfaces(): readonly LocalInterface[] {
  return Object.entries(systemInterfaces()).flatMap(([name, addresses = []]) =>
    addresses.map((info) => ({
      name,
      address: info.address,
      family: info.family === "IPv6" ? 6 : 4,
      internal: info.internal,
      broadcast: broadcastOf(info),
    })),
  );
}

/** The highest address of the network (RFC 919 §7). */
function broadcastOf({ family, address, netmask }: NetworkInterfaceInfo): string | undefined {
  if (family !== "IPv4") return undefined;
  const mask = netmask.split(".").map(Number);
  return address
    .split(".")
    .map((part, i) => Number(part) | (~(mask[i] ?? 255) & 255))
    .join(".");
}

/**
 * The interface as the system wants to hear it: an address of it for IPv4, `::%name` for IPv6.
 *
 * @param nameOrAddress a name (`eth0`) or one of its addresses.
 * @throws ValidationError if this machine has no such interface of that family.
 */
export function interfaceFor(nameOrAddress: string, family: 4 | 6): string {
  const wanted = nameOrAddress.toLowerCase();
  const isWanted = ({ name, address }: LocalInterface): boolean =>
    isIP(nameOrAddress) ? address.toLowerCase() === wanted : name === nameOrAddress;
  const ofFamily = localInterfaces().filter((each) => each.family === family);
  const found = ofFamily.find(isWanted);
  if (family === 4 && found) return found.address;
  if (found) return `::%${process.platform === "win32" ? scopeOf(found) : found.name}`;
  const known = ofFamily.map(({ name, address }) => `${name} (${address})`).join(", ");
  throw new ValidationError(
    `this machine has no IPv${family} interface "${nameOrAddress}"; there are: ${known || "none"}`,
  );
}

/** Windows knows interfaces by number. */
function scopeOf({ name, address }: LocalInterface): number {
  const info = systemInterfaces()[name]?.find((each) => each.address === address);
  return info && isIPv6(info.address) ? (info.scopeid ?? 0) : 0;
}
