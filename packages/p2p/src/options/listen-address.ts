import { networkInterfaces } from "node:os";
import { formatHostPort, ValidationError } from "@net/core";
import { isLoopback } from "../address.ts";
import { invalid } from "../names.ts";
import type { PeerNetworkOptions } from "./peer-network-options.ts";

const LOOPBACK = "127.0.0.1";
const DEFAULT_PORT = 8_080;

/**
 * Where to listen. A peer that everybody can dial must be able to tell who does.
 *
 * @param scheme of the transport that listens at a host and port.
 * @throws ValidationError
 */
export function readListenAddress(options: PeerNetworkOptions, scheme: string): string {
  const { host, port = DEFAULT_PORT, listenAddress } = options;
  checkedPort(port);
  const authenticates = mustAuthenticate(options);
  const where = host ?? (authenticates ? everyInterface() : LOOPBACK);
  const address = listenAddress ?? addressOf(scheme, where, port);
  if (isLoopback(address) || authenticates) return address;
  throw new ValidationError(
    `${address} can be reached from other machines: give an owner, a jwtSecret, admission.issuers or a tlsCa, or listen at ${LOOPBACK}`,
  );
}

/** `ws://host:port`, an IPv6 host in brackets. @throws ValidationError */
export function addressOf(scheme: string, host: string, port: number): string {
  if (typeof host !== "string" || host === "") throw invalid("host", "a text that is not empty");
  return `${scheme}://${formatHostPort({ host, port: checkedPort(port) })}`;
}

function checkedPort(port: number): number {
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw invalid("port", "a whole number from 0 to 65535");
}

/** Whether strangers are told from peers: by certificates of devices or of TLS, or by tokens. */
function mustAuthenticate(options: PeerNetworkOptions): boolean {
  const { owner, jwtSecret, admission, enableTLS = false, tlsCa } = options;
  const hasIssuers = (admission?.issuers ?? []).length > 0;
  return (
    owner !== undefined ||
    jwtSecret !== undefined ||
    hasIssuers ||
    (enableTLS && tlsCa !== undefined)
  );
}

/** IPv6's takes IPv4 in as well; on a machine without IPv6 there is none. */
function everyInterface(): string {
  const addresses = Object.values(networkInterfaces()).flat();
  return addresses.some((address) => address?.family === "IPv6") ? "::" : "0.0.0.0";
}
