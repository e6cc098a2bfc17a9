import { BlockList, isIPv6 } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** One interface of this machine, by one family: where packets go out and come in. */
export interface NetInterface {
  /** As the system calls it: `eth0`. */
  readonly name: string;
  readonly family: 4 | 6;
  /** Only this machine is there. */
  readonly internal: boolean;
  /** How the system wants it named where a multicast group is joined: an address, or `::%eth0`. */
  readonly joinBy: string;
  /** All addresses that this machine has there, of both families, without zones. */
  readonly addresses: readonly string[];
  /** Where a broadcast goes; IPv4 only. */
  readonly broadcast: string | undefined;
  /** Changes when anything about the interface does. */
  readonly key: string;
  /**
   * Whether whoever has that address is on the link itself (RFC 6762 §11). A socket also hears what came by other
   * interfaces, if somebody else on this machine has joined the group there.
   */
  readonly isOnLink: (sender: string) => boolean;
}

export type SystemInterfaces = ReturnType<typeof networkInterfaces>;

/** The interfaces that this machine has now. `system` is for tests. */
export function listInterfaces(system: SystemInterfaces = networkInterfaces()): NetInterface[] {
  return Object.entries(system).flatMap(([name, infos = []]) =>
    ([4, 6] as const).flatMap((family) => interfaceOf(name, family, infos) ?? []),
  );
}

/** Those with one of these names or addresses (an address means its family only), or all. */
export function selectInterfaces(
  list: readonly NetInterface[],
  wanted: readonly string[] | "all",
): readonly NetInterface[] {
  if (wanted === "all") return list;
  return list.filter(({ name, family, addresses }) =>
    wanted.some((each) => each === name || (addresses.includes(each) && familyOf(each) === family)),
  );
}

function interfaceOf(
  name: string,
  family: 4 | 6,
  infos: readonly NetworkInterfaceInfo[],
): NetInterface | undefined {
  const own = infos.filter(({ address }) => familyOf(address) === family);
  const [first] = own;
  if (!first) return undefined;
  return {
    ...{ name, family, internal: first.internal },
    joinBy: family === 4 ? first.address : `::%${zoneOf(first, name)}`,
    addresses: infos.map(({ address }) => address),
    broadcast: family === 4 ? broadcastOf(first) : undefined,
    key: `${name} ${family} ${infos.map(({ cidr }) => cidr).join(" ")}`,
    isOnLink: linkTest(zoneOf(first, name), family, own),
  };
}

function linkTest(
  zone: string,
  family: 4 | 6,
  infos: readonly NetworkInterfaceInfo[],
): NetInterface["isOnLink"] {
  const type = `ipv${family}` as const;
  const subnets = new BlockList();
  for (const { address, cidr } of infos) {
    const prefixLength = Number(cidr?.split("/")[1] ?? (family === 4 ? 32 : 128));
    subnets.addSubnet(address, prefixLength, type);
  }
  return (sender) => {
    const [address = "", senderZone] = sender.split("%");
    if (familyOf(address) !== family) return false;
    // Every link has an fe80::/64; only the zone tells them apart.
    return senderZone === undefined ? subnets.check(address, type) : senderZone === zone;
  };
}

/** Windows knows interfaces by number. */
function zoneOf(info: NetworkInterfaceInfo, name: string): string {
  const scopeId = info.family === "IPv6" ? info.scopeid : undefined;
  return process.platform === "win32" && scopeId !== undefined ? `${scopeId}` : name;
}

function familyOf(address: string): 4 | 6 {
  return isIPv6(address) ? 6 : 4;
}

/** The highest address of the network (RFC 919 §7). */
function broadcastOf({ address, netmask }: NetworkInterfaceInfo): string {
  const mask = netmask.split(".").map(Number);
  const parts = address.split(".").map((part, i) => Number(part) | (~(mask[i] ?? 255) & 255));
  return parts.join(".");
}
