import { createHash } from "node:crypto";
import { ValidationError } from "@net/core";
import { hostAndPort } from "../address.ts";
import { isName } from "../names.ts";
import type { DnsPacket, DnsRecord, ReceivedRecord } from "./mdns-socket.ts";

// A peer is an instance of the service _net._tcp (DNS-based service discovery, RFC 6763). What counts is its TXT
// record, which says everything; PTR, SRV and A are there for the tools of others.

export const SERVICE = "_net._tcp.local";
/** RFC 6762 §10: for records that have to do with a host's name or address. */
const TTL_SECONDS = 120;
/** RFC 6763 §6.1. */
const MAX_TXT_BYTES = 255;
const MAX_ADDRESS_LENGTH = 240;

/** A peer as it is announced. */
export interface Announced {
  readonly networkId: string;
  readonly peerId: string;
  readonly peerName: string;
  /** Where to dial it. */
  readonly address: string;
}

/** What a packet says of one peer: that it is there, or that it leaves. */
export interface Sighting {
  readonly peer: Announced;
  readonly gone: boolean;
}

/** Whether somebody asks for peers. */
export function isQueryForPeers({ type, questions }: DnsPacket): boolean {
  return (
    type === "query" &&
    questions.some((asked) => asked.name.toLowerCase() === SERVICE && wanted.has(asked.type))
  );
}

const wanted: ReadonlySet<string> = new Set(["PTR", "ANY"]);

/**
 * The records that announce a peer; with `ttl` 0 they take it back.
 *
 * @throws ValidationError if something is too long, or the address has no host and port.
 */
export function recordsOf(peer: Announced, ttl: number = TTL_SECONDS): DnsRecord[] {
  const at = hostAndPort(peer.address);
  if (!at) {
    throw new ValidationError(`${peer.address} cannot be announced: it has no host and port`);
  }
  const label = labelOf(peer);
  const instance = `${label}.${SERVICE}`;
  const target = `${label}.local`;
  const records: DnsRecord[] = [
    { type: "PTR", name: SERVICE, ttl, data: instance },
    { type: "SRV", name: instance, ttl, data: { target, port: at.port } },
    { type: "TXT", name: instance, ttl, data: textsOf(peer) },
  ];
  if (isIPv4.test(at.host)) records.push({ type: "A", name: target, ttl, data: at.host });
  return records;
}

const isIPv4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** The peers of that network that a packet speaks of; what is malformed is left out. */
export function sightings({ type, records }: DnsPacket, networkId: string): Sighting[] {
  if (type !== "response") return [];
  return records
    .filter((record) => record.type === "TXT" && isInstance(record.name))
    .flatMap((record) => sighting(record, networkId) ?? []);
}

function sighting(record: ReceivedRecord, networkId: string): Sighting | undefined {
  const texts = readTexts(record.data);
  const peerId = texts.get("peerId");
  const address = texts.get("address");
  const peerName = texts.get("peerName") ?? peerId;
  if (texts.get("networkId") !== networkId || !isName(peerId) || !isName(peerName))
    return undefined;
  if (address === undefined || address.length > MAX_ADDRESS_LENGTH || !hostAndPort(address)) {
    return undefined;
  }
  return { peer: { networkId, peerId, peerName, address }, gone: record.ttl === 0 };
}

function isInstance(name: string): boolean {
  return name.toLowerCase().endsWith(`.${SERVICE}`);
}

/** A DNS label has room for 63 bytes, a peer id for more; and two networks may each have a peer of one id. */
function labelOf({ networkId, peerId }: Announced): string {
  const hash = createHash("sha256").update(`${networkId}\n${peerId}`).digest("hex");
  return `net-${hash.slice(0, 24)}`;
}

function textsOf(peer: Announced): string[] {
  return Object.entries(peer).map(([key, value]) => {
    const text = `${key}=${value}`;
    if (Buffer.byteLength(text) <= MAX_TXT_BYTES) return text;
    throw new ValidationError(`${key} is too long to be announced: over ${MAX_TXT_BYTES} bytes`);
  });
}

/** RFC 6763 §6.4: of several strings with one key, the first counts. */
function readTexts(data: unknown): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const item of Array.isArray(data) ? (data as unknown[]) : [data]) {
    const text = item instanceof Uint8Array ? Buffer.from(item).toString() : "";
    const equals = text.indexOf("=");
    const key = text.slice(0, equals);
    if (equals > 0 && !texts.has(key)) texts.set(key, text.slice(equals + 1));
  }
  return texts;
}
