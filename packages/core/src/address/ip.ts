const v6Characters = /^[\da-f:.]+$/i;
const zone = /%[\w.-]+$/;

/** Whether the text is an IPv6 address, perhaps with a zone (`fe80::1%eth0`). Without Node: browsers ask too. */
export function isIPv6(text: string): boolean {
  const address = text.replace(zone, "");
  return v6Characters.test(address) && URL.canParse(`http://[${address}]/`);
}

/** `::ffff:10.0.0.1`, as an IPv6 socket calls an IPv4 address (RFC 4291 §2.5.5.2), is `10.0.0.1`. */
export function withoutMapping(host: string): string {
  return host.replace(/^::ffff:(?=\d+\.)/i, "");
}
