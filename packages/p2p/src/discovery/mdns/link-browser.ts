import type { Clock, Rng } from "@net/core";
import { Asker, queriesOf } from "./asker.ts";
import { type DnsPacket, type DnsRecord, dnsPacket, type Question, sameName } from "./dns.ts";
import { HostIndex } from "./host-index.ts";
import { RecordCache } from "./record-cache.ts";
import { Resolver } from "./resolver.ts";

/** An instance of the service that was found, and all that is known of it. */
export interface ServiceInstance {
  /** The full name. */
  readonly name: string;
  /** Of the machine that has it. */
  readonly host: string;
  readonly port: number;
  /** Of the host, IPv4 first. */
  readonly addresses: readonly string[];
  readonly texts: readonly Uint8Array[];
}

export interface LinkBrowserOptions {
  /** `_net._tcp.local` */
  readonly service: string;
  readonly send: (packet: DnsPacket) => void;
  /** Asks so that the answer comes at once, to this asker alone. */
  readonly askAlone: (packet: DnsPacket) => void;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Whether the first question may go out at once. */
  readonly isAtOnce: boolean;
  /** It was found, or something about it has changed. */
  readonly onFound: (instance: ServiceInstance) => void;
  readonly onLost: (name: string) => void;
}

/** Finds the instances of a service on one link, for as long as it lives. */
export class LinkBrowser implements Disposable {
  readonly #options: LinkBrowserOptions;
  readonly #cache: RecordCache;
  readonly #asker: Asker;
  readonly #resolver: Resolver;
  readonly #hosts = new HostIndex();
  /** Those that were told, and what was told of each. */
  readonly #told = new Map<string, string>();

  constructor(options: LinkBrowserOptions) {
    const { service, send, clock, rng } = options;
    this.#options = options;
    this.#cache = new RecordCache({
      ...{ clock, rng },
      onRefresh: (record) => this.#refresh(record),
      onExpired: (record) => this.#expired(record),
    });
    this.#resolver = new Resolver({ ask: (questions) => this.#ask(questions), clock });
    const services = question(service, "PTR");
    if (options.isAtOnce) options.askAlone(dnsPacket("query", { questions: [services] }));
    this.#asker = new Asker(
      {
        ...{ send, clock, rng },
        question: services,
        known: () => this.#cache.known(service, "PTR"),
      },
      options.isAtOnce,
    );
  }

  handle(packet: DnsPacket): void {
    if (packet.kind === "query") return;
    const records = [...packet.answers, ...packet.additionals];
    const changed = records.filter((record) => this.#matters(record) && this.#cache.add(record));
    for (const record of changed) this.#hosts.add(record);
    // The addresses of a host count only with the service that names it, which may stand after them.
    const late = records.filter((record) => this.#isAddress(record) && this.#cache.add(record));
    const names = [...changed, ...late].flatMap((record) => this.#instancesOf(record));
    for (const name of new Set(names)) this.#look(name);
  }

  [Symbol.dispose](): void {
    this.#asker[Symbol.dispose]();
    this.#resolver[Symbol.dispose]();
    this.#cache[Symbol.dispose]();
  }

  #matters({ name, type }: DnsRecord): boolean {
    const { service } = this.#options;
    if (type === "PTR") return sameName(name, service);
    const isInstance = name.toLowerCase().endsWith(`.${service}`);
    return isInstance && (type === "SRV" || type === "TXT");
  }

  #isAddress({ name, type }: DnsRecord): boolean {
    return (type === "A" || type === "AAAA") && this.#hosts.has(name);
  }

  /** Whether the service's own record names that instance. */
  #isInstance(name: string): boolean {
    const { service } = this.#options;
    const ptr = { type: "PTR", name: service, data: name, ttlSeconds: 0, flush: false } as const;
    return this.#cache.has(ptr);
  }

  /** Whom a record is about. */
  #instancesOf(record: DnsRecord): readonly string[] {
    if (record.type === "PTR") return [record.data];
    if (record.type === "SRV" || record.type === "TXT") return [record.name];
    return this.#hosts.on(record.name);
  }

  #expired(record: DnsRecord): void {
    const names = this.#instancesOf(record);
    this.#hosts.delete(record);
    for (const other of this.#cache.find(record.name, "SRV")) this.#hosts.add(other);
    for (const name of names) this.#look(name);
  }

  /** Tells what is known of an instance now, if it is another thing than before. */
  #look(name: string): void {
    const key = name.toLowerCase();
    const isKnown = this.#isInstance(name);
    const instance = isKnown ? this.#read(name) : undefined;
    if (instance) this.#tell(key, instance);
    else this.#lose(key, name, isKnown);
  }

  #tell(key: string, instance: ServiceInstance): void {
    this.#resolver.done(key);
    const text = JSON.stringify(instance);
    if (this.#told.get(key) === text) return;
    this.#told.set(key, text);
    this.#options.onFound(instance);
  }

  #lose(key: string, name: string, isKnown: boolean): void {
    if (this.#told.delete(key)) this.#options.onLost(name);
    if (isKnown) this.#resolver.want(key, () => this.#missing(name));
    else this.#resolver.done(key);
  }

  /** All that an instance needs, or undefined while something is missing. */
  #read(name: string): ServiceInstance | undefined {
    const location = this.#cache.find(name, "SRV").at(-1);
    const text = this.#cache.find(name, "TXT").at(-1);
    if (location?.type !== "SRV" || text?.type !== "TXT") return undefined;
    const { target, port } = location.data;
    const addresses = [...this.#cache.find(target, "A"), ...this.#cache.find(target, "AAAA")];
    if (addresses.length === 0) return undefined;
    return {
      ...{ name, host: target, port, texts: text.data },
      addresses: addresses.map(({ data }) => data as string),
    };
  }

  #missing(name: string): readonly Question[] {
    const lacks = (each: string, type: DnsRecord["type"]): Question[] =>
      this.#cache.find(each, type).length === 0 ? [question(each, type)] : [];
    const location = this.#cache.find(name, "SRV").at(-1);
    const target = location?.type === "SRV" ? location.data.target : undefined;
    const addresses = target === undefined ? [] : [...lacks(target, "A"), ...lacks(target, "AAAA")];
    return [
      ...lacks(name, "SRV"),
      ...lacks(name, "TXT"),
      ...(addresses.length === 2 ? addresses : []),
    ];
  }

  /** What was told is kept true. */
  #refresh(record: DnsRecord): void {
    const isTold = this.#instancesOf(record).some((name) => this.#told.has(name.toLowerCase()));
    if (isTold) this.#ask([question(record.name, record.type)]);
  }

  #ask(questions: readonly Question[]): void {
    if (questions.length === 0) return;
    for (const packet of queriesOf(questions, [])) this.#options.send(packet);
  }
}

function question(name: string, type: string): Question {
  return { name, type, unicast: false };
}
