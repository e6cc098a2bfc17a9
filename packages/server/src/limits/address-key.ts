import { isIPv6 } from "node:net";

const V4_MAPPED = "::ffff:";
/** A household or a rented server has a whole /64 of IPv6: its first four groups stand for it. */
const NETWORK_GROUPS = 4;
const GROUPS = 8;

/** What counts as one client when limiting by address: an IPv4 address, or the /64 of an IPv6 address. */
export function addressKey(address: string): string {
  if (!isIPv6(address)) return address;
  if (address.startsWith(V4_MAPPED) && address.includes("."))
    return address.slice(V4_MAPPED.length);
  const [head = "", tail] = address.split("::");
  const left = head.split(":").filter(Boolean);
  const right = tail?.split(":").filter(Boolean) ?? [];
  const zeros = Array.from({ length: GROUPS - left.length - right.length }, () => "0");
  const groups = [...left, ...zeros, ...right].slice(0, NETWORK_GROUPS);
  return `${groups.join(":")}::/64`;
}
