import { assertName, invalid } from "../names.ts";

/** RFC 6762 §3. */
const MDNS_PORT = 5353;
/** Unless told otherwise nothing leaves this machine. */
const LOOPBACK_INTERFACE = "127.0.0.1";

export interface MdnsOptions {
  /** The IPv4 address of the interface to use. Default 127.0.0.1: only this machine hears of it. */
  readonly interface?: string;
  /** Default 5353, on which everybody else's multicast DNS is too. */
  readonly port?: number;
  /** Records of other networks are ignored. Default: the peer's own network, or `net`. */
  readonly networkId?: string;
}

/** The options with their defaults, checked. */
export interface MdnsSettings {
  readonly interface: string;
  readonly port: number;
  readonly networkId: string;
}

/** @throws ValidationError */
export function readMdnsOptions(
  options: boolean | MdnsOptions | undefined,
  networkId: string,
): MdnsSettings | undefined {
  if (options === undefined || options === false) return undefined;
  const given = options === true ? {} : options;
  const { interface: address = LOOPBACK_INTERFACE, port = MDNS_PORT } = given;
  if (!/^\d{1,3}(\.\d{1,3}){3}$/.test(address)) {
    throw invalid("the interface for mDNS", "its IPv4 address, like 127.0.0.1");
  }
  if (!(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    throw invalid("the port for mDNS", "a whole number from 1 to 65535");
  }
  return {
    interface: address,
    port,
    networkId: assertName(given.networkId ?? networkId, "networkId"),
  };
}
