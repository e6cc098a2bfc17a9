import { createHash } from "node:crypto";
import { hostAndPort } from "../address.ts";
import { defaultAddress } from "../default-transport.ts";
import { isLinkLocal } from "./interfaces/link-local.ts";
import type { NetInterface } from "./interfaces/net-interface.ts";
import type { DnsRecord } from "./mdns/dns.ts";
import { labelOf } from "./mdns/labels.ts";
import type { ServiceInstance } from "./mdns/link-browser.ts";
import type { ServiceNames } from "./mdns/publisher.ts";
import { canonicalIPv6 } from "./mdns/rdata.ts";
import { isDialAddress, type PeerClaims, readClaims } from "./record/peer-record.ts";
import { readTexts, unpackTexts } from "./record/texts.ts";

// A peer is an instance of the service _net._tcp (DNS-based service discovery, RFC 6763). Its TXT record is the peer's
// signed record, byte for byte; PTR, SRV, A and AAAA are there for the tools of others.

export const SERVICE = "_net._tcp.local";
/** RFC 6763 §9: how tools find out which services there are. */
const SERVICES = "_services._dns-sd._udp.local";
/** RFC 6762 §10: for records that have to do with a host's name or address, */
const HOST_TTL_SECONDS = 120;
/** and for others. */
const OTHER_TTL_SECONDS = 4_500;

/** The names a peer begins with: its own for people; one that no other machine has for its host. */
export function namesOf({
  networkId,
  peerId,
  peerName,
}: Omit<PeerClaims, "addresses">): ServiceNames {
  const hash = createHash("sha256").update(`${networkId}\n${peerId}`).digest("hex");
  return { instance: labelOf(peerName), host: `net-${hash.slice(0, 24)}` };
}

export function hostName(host: string): string {
  return `${host}.local`;
}

/** The records that make a peer known on an interface. */
export function recordsOf(
  record: Uint8Array,
  port: number,
  names: ServiceNames,
  addresses: readonly string[],
): DnsRecord[] {
  const instance = `${names.instance}.${SERVICE}`;
  const target = hostName(names.host);
  const unique = { ttlSeconds: HOST_TTL_SECONDS, flush: true };
  const shared = { ttlSeconds: OTHER_TTL_SECONDS, flush: false };
  return [
    { type: "PTR", name: SERVICE, ...shared, data: instance },
    { type: "PTR", name: SERVICES, ...shared, data: SERVICE },
    { type: "SRV", name: instance, ...unique, data: { target, port } },
    ...[
      {
        type: "TXT",
        name: instance,
        ttlSeconds: OTHER_TTL_SECONDS,
        flush: true,
        data: unpackTexts(record) ?? [],
      } as const,
    ],
    ...addresses.map((address) => addressRecord(address, target)),
  ];
}

function addressRecord(address: string, name: string): DnsRecord {
  const unique = { name, ttlSeconds: HOST_TTL_SECONDS, flush: true };
  if (!address.includes(":")) return { type: "A", ...unique, data: address };
  return { type: "AAAA", ...unique, data: canonicalIPv6(address) };
}

/** The addresses an interface has, as far as somebody listens there. */
export function hostAddresses({ addresses }: NetInterface, dialled: readonly string[]): string[] {
  const hosts = new Set(
    dialled.map((address) => hostAndPort(address)?.host.replace(/^\[|\]$/g, "")),
  );
  const heard = addresses.filter((address) => hosts.has(address));
  return heard.length > 0 ? heard : [...addresses];
}

/** The bytes of an instance's signed record, checked or not; undefined if it claims to be none. */
export function signedRecordOf({ texts }: ServiceInstance): Uint8Array | undefined {
  const values = readTexts(texts);
  if (!values.has("sig") && !values.has("key")) return undefined;
  return Buffer.concat(texts.flatMap((text) => [Buffer.of(text.byteLength), text]));
}

/** What an instance says of itself that nobody has signed; where it names no address, that of its host counts. */
export function claimsOf({ texts, port, addresses }: ServiceInstance): PeerClaims | undefined {
  const claims = readClaims(readTexts(texts));
  if (!claims || claims.addresses.length > 0) return claims;
  const dialled = addresses
    .filter((host) => !isLinkLocal(host))
    .map((host) => defaultAddress(host, port))
    .filter(isDialAddress);
  return dialled.length > 0 ? { ...claims, addresses: dialled } : undefined;
}
