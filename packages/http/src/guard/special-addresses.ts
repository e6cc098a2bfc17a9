import { BlockList } from "node:net";

/**
 * Addresses that are nobody's on the public internet: the IANA special-purpose registries (RFC 6890) as of 2026, and those
 * at which clouds answer with credentials.
 */
const specialV4: readonly (readonly [string, number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  // Azure's host agent, public by its number only.
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Within 2000::/3, the only part of IPv6 that is given out (RFC 4291 §2.4, IANA). */
const specialV6: readonly (readonly [string, number])[] = [
  // Protocol assignments, Teredo among them, which carries an IPv4 address.
  ["2001::", 23],
  ["2001:db8::", 32],
  // 6to4, which carries an IPv4 address.
  ["2002::", 16],
  ["3fff::", 20],
];

const special: BlockList = new BlockList();
for (const [net, prefix] of specialV4) special.addSubnet(net, prefix, "ipv4");
for (const [net, prefix] of specialV6) special.addSubnet(net, prefix, "ipv6");

const givenOut: BlockList = new BlockList();
givenOut.addSubnet("2000::", 3, "ipv6");

/**
 * True for an address that is somebody's on the public internet. NAT64 addresses (64:ff9b::/96) are not: the IPv4
 * address in them may be any.
 */
export function isPublic(address: string, family: 4 | 6): boolean {
  if (family === 4) return !special.check(address, "ipv4");
  return givenOut.check(address, "ipv6") && !special.check(address, "ipv6");
}
