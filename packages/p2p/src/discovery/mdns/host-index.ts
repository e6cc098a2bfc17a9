import type { DnsRecord } from "./dns.ts";

/** Which instances of a service are on which host. */
export class HostIndex {
  readonly #instances = new Map<string, Map<string, string>>();

  /** The instances on that host. */
  on(host: string): readonly string[] {
    return [...(this.#instances.get(host.toLowerCase())?.values() ?? [])];
  }

  has(host: string): boolean {
    return this.#instances.has(host.toLowerCase());
  }

  /** An SRV record is known now; others are no matter. */
  add(record: DnsRecord): void {
    if (record.type !== "SRV") return;
    const host = record.data.target.toLowerCase();
    const instances = this.#instances.get(host) ?? new Map<string, string>();
    this.#instances.set(host, instances.set(record.name.toLowerCase(), record.name));
  }

  /** A record has run out. */
  delete(record: DnsRecord): void {
    if (record.type !== "SRV") return;
    const host = record.data.target.toLowerCase();
    const instances = this.#instances.get(host);
    instances?.delete(record.name.toLowerCase());
    if (instances?.size === 0) this.#instances.delete(host);
  }
}
