import { assertOptions, type Rule, type Rules, readElsewhere } from "@net/core/options";
import { assertName, invalid } from "../names.ts";
import { MDNS_PORT } from "./mdns/dns.ts";

/** Unless told otherwise nothing leaves this machine. */
const LOOPBACK_ADDRESS = "127.0.0.1";
const MAX_INTERFACES = 64;

/** Which of this machine's interfaces are used, as they come and go. */
export interface InterfaceOptions {
  /**
   * An interface by its name (`eth0`) or one of its addresses, several, or `all`. An address means its family only, a
   * name both IPv4 and IPv6. Default 127.0.0.1: only this machine hears of it.
   */
  readonly interface?: string | readonly string[];
}

export interface MdnsOptions extends InterfaceOptions {
  /** Default 5353, on which everybody else's multicast DNS is too. */
  readonly port?: number;
  /** Records of other networks are ignored. Default: the peer's own network, or `net`. */
  readonly networkId?: string;
}

/** The options with their defaults, checked. */
export interface MdnsSettings {
  readonly interfaces: readonly string[] | "all";
  /** An address through which a peer that listens at every interface can be told of, 0.0.0.0 if there may be several. */
  readonly interface: string;
  readonly port: number;
  readonly networkId: string;
}

/** The interfaces and the port are checked where they are read. */
export const socketRules: Readonly<Record<"interface" | "port", Rule>> = {
  interface: readElsewhere,
  port: readElsewhere,
};

const rules: Rules<MdnsOptions> = { ...socketRules, networkId: readElsewhere };

/** @throws ValidationError */
export function readMdnsOptions(
  options: boolean | MdnsOptions | undefined,
  networkId: string,
): MdnsSettings | undefined {
  if (options === undefined || options === false) return undefined;
  const given = options === true ? {} : options;
  assertOptions(given, rules, "mdns");
  const interfaces = readInterfaces(given, "mDNS");
  const [first = "all", ...others] = interfaces === "all" ? [] : interfaces;
  return {
    interfaces,
    interface: others.length === 0 && /^[\d.]+$/.test(first) ? first : "0.0.0.0",
    port: readPort(given.port ?? MDNS_PORT, "mDNS"),
    networkId: assertName(given.networkId ?? networkId, "networkId"),
  };
}

/** @throws ValidationError unless they are names or addresses. */
export function readInterfaces(
  { interface: given = LOOPBACK_ADDRESS }: InterfaceOptions,
  what: string,
): readonly string[] | "all" {
  if (given === "all") return "all";
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (list.length > 0 && list.length <= MAX_INTERFACES && list.every(isInterface)) {
    return list as readonly string[];
  }
  throw invalid(`the interface for ${what}`, "its name or address, like eth0 or 127.0.0.1, or all");
}

/** @throws ValidationError */
export function readPort(port: number, what: string): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return port;
  throw invalid(`the port for ${what}`, "a whole number from 1 to 65535");
}

function isInterface(value: unknown): boolean {
  return typeof value === "string" && /^[\w.:@ -]{1,64}$/.test(value);
}
