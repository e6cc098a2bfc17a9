const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["ws:", 80],
  ["wss:", 443],
]);

/** Whether only this machine can dial that address. One that cannot be read is taken for public. */
export function isLoopback(address: string): boolean {
  return address.startsWith("memory:") || loopback.test(parse(address)?.hostname ?? "");
}

/** Host and port of an address that has both. */
export function hostAndPort(address: string): { host: string; port: number } | undefined {
  const url = parse(address);
  // What is the scheme's own port, a URL leaves out.
  const port = Number(url?.port) || (defaultPorts.get(url?.protocol ?? "") ?? 0);
  return url?.hostname && port > 0 ? { host: url.hostname, port } : undefined;
}

/** One text for all that name the same place: `ws://Host:80/` and `ws://host`. Only for comparing. */
export function placeOf(address: string): string {
  const url = parse(address);
  const where = hostAndPort(address);
  if (!url || !where) return address;
  const path = url.pathname === "/" ? "" : url.pathname;
  return `${url.protocol}//${where.host.toLowerCase()}:${where.port}${path}${url.search}`;
}

function parse(address: string): URL | undefined {
  return URL.parse(address) ?? undefined;
}

/** The host of an address that has one, as a socket wants it: IPv6 without brackets. */
export function hostOf(address: string): string | undefined {
  return hostAndPort(address)?.host.replace(/^\[|\]$/g, "");
}

/** Whether an address is one of a machine in a network: in memory there are none. */
export function hasHost(address: string | undefined): boolean {
  return address !== undefined && /^[a-z+.-]+:\/\//.test(address);
}
