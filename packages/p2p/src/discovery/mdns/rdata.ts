import { type DnsRecord, keyOf, type RecordData } from "./dns.ts";

const typeNumbers: Readonly<Record<RecordData["type"], number>> = {
  ...{ A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NSEC: 47 },
};

/** A record's data as the bytes of RFC 1035, names not compressed. */
export function rdataOf(record: RecordData): Buffer {
  switch (record.type) {
    case "A":
      return Buffer.from(record.data.split(".").map(Number));
    case "AAAA":
      return ipv6Bytes(record.data);
    case "PTR":
      return nameBytes(record.data);
    case "TXT":
      return Buffer.concat(record.data.flatMap((text) => [Buffer.of(text.byteLength), text]));
    case "SRV":
      return Buffer.concat([
        ...[Buffer.alloc(4), Buffer.of(record.data.port >> 8, record.data.port & 255)],
        nameBytes(record.data.target),
      ]);
    case "NSEC":
      return nameBytes(`${record.data.nextDomain} ${record.data.rrtypes.join(" ")}`);
  }
}

/** One text for records that say the same, whatever their lifetime. */
export function identityOf(record: DnsRecord): string {
  return `${keyOf(record)} ${rdataOf(smallLetters(record)).toString("base64")}`;
}

/** Which of two sets of records comes first by RFC 6762 §8.2.1; 0 if they are the same. */
export function compareSets(ours: readonly DnsRecord[], theirs: readonly DnsRecord[]): number {
  const [one, other] = [
    ours.map(sortBytes).sort(Buffer.compare),
    theirs.map(sortBytes).sort(Buffer.compare),
  ];
  for (const [i, bytes] of one.entries()) {
    const opposite = other[i];
    if (!opposite) return 1;
    const order = Buffer.compare(bytes, opposite);
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

/** The class is the same for all; then the type counts, then the data, byte by byte. */
function sortBytes(record: DnsRecord): Buffer {
  return Buffer.concat([Buffer.of(typeNumbers[record.type]), rdataOf(record)]);
}

function smallLetters(record: DnsRecord): RecordData {
  if (record.type === "PTR") return { type: "PTR", data: record.data.toLowerCase() };
  if (record.type !== "SRV") return record;
  return { type: "SRV", data: { ...record.data, target: record.data.target.toLowerCase() } };
}

function nameBytes(name: string): Buffer {
  const labels = name.split(".").filter(Boolean);
  return Buffer.concat([
    ...labels.flatMap((label) => [Buffer.of(Buffer.byteLength(label) & 255), Buffer.from(label)]),
    Buffer.of(0),
  ]);
}

/** RFC 4291 §2.2: `::` stands for as many zeros as are missing. */
function ipv6Bytes(address: string): Buffer {
  const [head = "", tail] = canonicalIPv6(address).split("::");
  const [front, back] = [groups(head), groups(tail ?? "")];
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  const all = [...front, ...Array<number>(zeros).fill(0), ...back];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function groups(text: string): number[] {
  return text
    .split(":")
    .filter(Boolean)
    .map((group) => Number.parseInt(group, 16));
}

/** One spelling for each address, as URLs have it (RFC 5952), without its zone. */
export function canonicalIPv6(address: string): string {
  const url = URL.parse(`http://[${address.replace(/%.*$/, "")}]/`);
  return url ? url.hostname.slice(1, -1) : "::";
}
