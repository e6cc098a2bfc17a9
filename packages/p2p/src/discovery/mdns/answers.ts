import { type DnsRecord, type Question, sameName } from "./dns.ts";
import { identityOf } from "./rdata.ts";

/** RFC 6762 §6.7. */
const LEGACY_TTL_SECONDS = 10;

/** Our records that answer the question; for a type that a name of ours does not have, the word that it has none. */
export function answersTo(question: Question, records: readonly DnsRecord[]): DnsRecord[] {
  const named = records.filter(({ name }) => sameName(name, question.name));
  const fitting = named.filter(({ type }) => question.type === "ANY" || question.type === type);
  if (fitting.length > 0 || !named.some(({ flush }) => flush)) return fitting;
  return negative(named);
}

/** What whoever gets these answers will ask next (RFC 6763 §12). */
export function additionalsFor(
  answers: readonly DnsRecord[],
  records: readonly DnsRecord[],
): DnsRecord[] {
  const wanted = new Set<DnsRecord>();
  const want = (name: string, types: readonly string[]): void => {
    for (const record of records) {
      if (sameName(record.name, name) && types.includes(record.type)) wanted.add(record);
    }
  };
  for (const answer of answers) if (answer.type === "PTR") want(answer.data, ["SRV", "TXT"]);
  for (const record of [...answers, ...wanted]) {
    if (record.type === "SRV") want(record.data.target, ["A", "AAAA"]);
    if (record.type === "A" || record.type === "AAAA") want(record.name, ["A", "AAAA"]);
  }
  return [...wanted].filter((record) => !answers.includes(record));
}

/** Without those that the asker knows, for at least half of their time still (§7.1). */
export function withoutKnown(
  answers: readonly DnsRecord[],
  known: readonly DnsRecord[],
): DnsRecord[] {
  const times = new Map(known.map((record) => [identityOf(record), record.ttlSeconds]));
  return answers.filter((each) => (times.get(identityOf(each)) ?? 0) < each.ttlSeconds / 2);
}

/** As an asker that knows no multicast DNS wants it (§6.7): no cache-flush bit, and short-lived. */
export function forLegacy(records: readonly DnsRecord[]): DnsRecord[] {
  return records.map((record) => ({
    ...record,
    ...{ flush: false, ttlSeconds: Math.min(record.ttlSeconds, LEGACY_TTL_SECONDS) },
  }));
}

function negative(named: readonly DnsRecord[]): DnsRecord[] {
  const [first] = named;
  if (!first) return [];
  const { name, ttlSeconds } = first;
  const rrtypes = [...new Set(named.map(({ type }) => type))];
  return [{ type: "NSEC", name, ttlSeconds, flush: true, data: { nextDomain: name, rrtypes } }];
}
