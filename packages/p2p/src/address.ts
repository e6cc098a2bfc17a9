const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;
const everyInterface: ReadonlySet<string> = new Set(["0.0.0.0", "[::]"]);

/** Whether only this machine can dial that address. One that cannot be read is taken for public. */
export function isLoopback(address: string): boolean {
  return address.startsWith("memory:") || loopback.test(parse(address)?.hostname ?? "");
}

/** An address that others can dial, for a peer that listens at every interface and is told of through one of them. */
export function dialable(address: string, through: string): string {
  const url = parse(address);
  if (!url || !everyInterface.has(url.hostname)) return address;
  return `${url.protocol}//${through}:${url.port}${url.pathname === "/" ? "" : url.pathname}`;
}

/** Host and port of an address that has both. */
export function hostAndPort(address: string): { host: string; port: number } | undefined {
  const url = parse(address);
  const port = Number(url?.port);
  return url?.hostname && port > 0 ? { host: url.hostname, port } : undefined;
}

function parse(address: string): URL | undefined {
  return URL.parse(address) ?? undefined;
}

/** Whether an address is one of a machine in a network: in memory there are none. */
export function hasHost(address: string | undefined): boolean {
  return address !== undefined && /^[a-z+.-]+:\/\//.test(address);
}
