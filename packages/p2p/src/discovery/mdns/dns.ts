// What multicast DNS speaks of, in our words (RFC 1035, RFC 6762).

/** Where an instance of a service is (RFC 2782). */
export interface ServiceLocation {
  readonly target: string;
  readonly port: number;
}

export type RecordData =
  | { readonly type: "PTR"; readonly data: string }
  | { readonly type: "A" | "AAAA"; readonly data: string }
  | { readonly type: "TXT"; readonly data: readonly Uint8Array[] }
  | { readonly type: "SRV"; readonly data: ServiceLocation }
  /** Says which types a name has, and so that it has no others (RFC 6762 §6.1). Only ever sent. */
  | {
      readonly type: "NSEC";
      readonly data: { readonly nextDomain: string; readonly rrtypes: readonly string[] };
    };

export type DnsRecord = RecordData & {
  readonly name: string;
  /** 0 takes the record back. */
  readonly ttlSeconds: number;
  /** The cache-flush bit (§10.2): all that this name has of this type is here. Set on unique records, never on shared. */
  readonly flush: boolean;
};

export interface Question {
  readonly name: string;
  /** `ANY` asks for all. */
  readonly type: string;
  /** Whether an answer to the asker alone is wanted (§5.4). */
  readonly unicast: boolean;
}

export interface DnsPacket {
  readonly kind: "query" | "response";
  readonly id: number;
  /** More known answers follow in another packet (§7.2). */
  readonly truncated: boolean;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  /** In a probe: what the asker wants to call its own (§8.2). */
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** Who sent a packet, or claims to have. */
export interface Sender {
  readonly address: string;
  readonly port: number;
}

/** RFC 6762 §3. */
export const MDNS_PORT = 5353;

export function dnsPacket(kind: DnsPacket["kind"], parts: Partial<DnsPacket>): DnsPacket {
  const none = { id: 0, truncated: false, questions: [], answers: [], authorities: [] };
  return { ...none, additionals: [], ...parts, kind };
}

/** DNS knows no difference between small and capital letters (RFC 6762 §16). */
export function sameName(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/** What a record answers: its name and type. */
export function keyOf({ name, type }: { readonly name: string; readonly type: string }): string {
  return `${type} ${name.toLowerCase()}`;
}
