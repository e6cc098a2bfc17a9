const GROUPS = 8;
/** An IPv6 network of 64 bits is one household's, or one machine's: its addresses cost nothing (RFC 4291 §2.5.4). */
const NETWORK_GROUPS = 4;

/**
 * Who is behind an address, as far as limits are concerned: an IPv4 address, or the network of an IPv6 one. Undefined for a
 * link within this process.
 */
export function remoteHost(address: string): string | undefined {
  if (address.startsWith("memory:")) return undefined;
  const hostname = URL.parse(address)?.hostname ?? "";
  const v6 = /^\[(.+)\]$/.exec(hostname)?.[1];
  if (v6 !== undefined) return networkOf(v6);
  return hostname === "" ? address : hostname;
}

function networkOf(v6: string): string {
  const [head = "", tail] = v6.split("::");
  const groups = [...groupsOf(head)];
  if (tail !== undefined) {
    const end = groupsOf(tail);
    while (groups.length + end.length < GROUPS) groups.push("0");
    groups.push(...end);
  }
  return `${groups.slice(0, NETWORK_GROUPS).join(":")}::/64`;
}

function groupsOf(part: string): readonly string[] {
  return part === "" ? [] : part.split(":");
}
