/** IPv6 addresses that mean nothing without an interface (RFC 4291 §2.5.6): URLs cannot name one. */
export function isLinkLocal(address: string): boolean {
  return /^fe[89ab][\da-f]:/i.test(address);
}
