import { isIPv4, isIPv6 } from "node:net";
import { isRecord } from "@net/core";
import type { DnsPacket, DnsRecord, Question, RecordData } from "./dns.ts";
import { canonicalIPv6 } from "./rdata.ts";

/** RFC 6762 §18.5. */
const TRUNCATED_FLAG = 1 << 9;
/** How the library calls a question's class `IN` with the bit that asks for a unicast answer (§5.4). */
const UNICAST_CLASS = "UNKNOWN_32769";
/** RFC 1035 §2.3.4. */
const MAX_LABEL_BYTES = 63;
const MAX_NAME_BYTES = 253;
/** A day. Nobody makes us remember anything for longer. */
const MAX_TTL_SECONDS = 86_400;

/** A packet as the library gives it. Nothing in it is trusted. */
export interface LibraryPacket {
  readonly type?: unknown;
  readonly id?: unknown;
  readonly flags?: unknown;
  readonly questions?: unknown;
  readonly answers?: unknown;
  readonly authorities?: unknown;
  readonly additionals?: unknown;
}

/** The packet in our words; records that are malformed, or of types that we have no use for, are left out. */
export function readPacket(packet: LibraryPacket): DnsPacket {
  const { id, flags } = packet;
  return {
    kind: packet.type === "response" ? "response" : "query",
    id: typeof id === "number" ? id : 0,
    truncated: typeof flags === "number" && (flags & TRUNCATED_FLAG) !== 0,
    questions: each(packet.questions, readQuestion),
    answers: each(packet.answers, readRecord),
    authorities: each(packet.authorities, readRecord),
    additionals: each(packet.additionals, readRecord),
  };
}

/** Whether a name can be sent: what was received and is said again must not break the packet that says it. */
function isSendableName(name: unknown): name is string {
  return (
    typeof name === "string" &&
    Buffer.byteLength(name) <= MAX_NAME_BYTES &&
    name.split(".").every((label) => label !== "" && Buffer.byteLength(label) <= MAX_LABEL_BYTES)
  );
}

function each<T>(items: unknown, read: (item: Fields) => T | undefined): T[] {
  if (!Array.isArray(items)) return [];
  return (items as unknown[]).flatMap((item) => (isRecord(item) ? (read(item) ?? []) : []));
}

type Fields = Readonly<Record<string, unknown>>;

function readQuestion({ name, type, class: kind }: Fields): Question | undefined {
  if (!isSendableName(name) || typeof type !== "string") return undefined;
  return { name, type, unicast: kind === UNICAST_CLASS };
}

function readRecord(fields: Fields): DnsRecord | undefined {
  const { name, ttl, flush } = fields;
  const data = fields.class === "IN" && isSendableName(name) ? readData(fields) : undefined;
  if (!data || typeof ttl !== "number") return undefined;
  const ttlSeconds = Math.min(ttl, MAX_TTL_SECONDS);
  return { ...data, name: name as string, ttlSeconds, flush: flush === true };
}

function readData({ type, data }: Fields): RecordData | undefined {
  switch (type) {
    case "PTR":
      return isSendableName(data) ? { type, data } : undefined;
    case "A":
      return typeof data === "string" && isIPv4(data) ? { type, data } : undefined;
    case "AAAA":
      if (typeof data !== "string" || !isIPv6(data)) return undefined;
      return { type, data: canonicalIPv6(data) };
    case "TXT":
      return { type, data: (Array.isArray(data) ? data : [data]).filter(isBytes) };
    case "SRV":
      return isRecord(data) ? readLocation(data) : undefined;
    default:
      return undefined;
  }
}

function readLocation({ target, port }: Fields): RecordData | undefined {
  if (!isSendableName(target) || typeof port !== "number") return undefined;
  return { type: "SRV", data: { target, port } };
}

function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array;
}
