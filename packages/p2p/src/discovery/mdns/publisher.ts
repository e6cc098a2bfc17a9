import type { Clock, Logger, Rng } from "@net/core";
import type { NetInterface } from "../interfaces/net-interface.ts";
import type { MdnsChannel } from "./channel.ts";
import { type DnsPacket, type DnsRecord, type Sender, sameName } from "./dns.ts";
import { nextHost, nextInstance } from "./labels.ts";
import type { MdnsListener, MdnsMedium } from "./medium.ts";
import { identityOf } from "./rdata.ts";
import { Responder } from "./responder.ts";

/** RFC 6762 §8.1: so many conflicts in so many ms, and it takes its time before each further attempt. */
const MANY_CONFLICTS = { count: 15, within: 10_000, wait: 5_000 } as const;

/** Records of our own that are remembered: those of years. */
const MAX_SAID = 8_192;

/** The labels that a service is known under. */
export interface ServiceNames {
  /** Of this instance: for people. */
  readonly instance: string;
  /** Of the machine, in `local`. */
  readonly host: string;
}

export interface PublisherOptions {
  readonly medium: MdnsMedium;
  readonly port: number;
  /** The names to begin with; where somebody has one already, another is taken. */
  readonly names: ServiceNames;
  /** The records for an interface under these names; none where nothing is to be said. */
  readonly describe: (names: ServiceNames, netInterface: NetInterface) => readonly DnsRecord[];
  /** The full name of the host of that label, as it stands in the records. */
  readonly hostName: (host: string) => string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** It has another name, since somebody had this one. */
  readonly onRenamed?: ((names: ServiceNames) => void) | undefined;
}

/** Makes a service known on every interface, under one name that nobody else on any of them has. */
export class ServicePublisher implements AsyncDisposable, MdnsListener {
  readonly #options: PublisherOptions;
  readonly #responders = new Map<MdnsChannel, Responder>();
  readonly #announced = Promise.withResolvers<void>();
  #names: ServiceNames;
  #conflictsMs: readonly number[] = [];
  /** What was said once may come back later than what was said since. */
  readonly #said = new Set<string>();
  #presence: AsyncDisposable | undefined;
  #closed: Promise<void> | undefined;

  private constructor(options: PublisherOptions) {
    this.#options = options;
    this.#names = options.names;
  }

  /** @throws ConnectionError if no interface can be used. */
  static async start(options: PublisherOptions): Promise<ServicePublisher> {
    const publisher = new ServicePublisher(options);
    publisher.#presence = await options.medium(publisher);
    return publisher;
  }

  get names(): ServiceNames {
    return this.#names;
  }

  /** Resolves when it was announced on an interface for the first time, or is closed. */
  get announced(): Promise<void> {
    return this.#announced.promise;
  }

  /** Describes the service anew. */
  update(): void {
    for (const [channel, responder] of this.#responders) {
      const records = this.#describe(channel);
      if (!isSameList(records, responder.records)) responder.update(records);
    }
  }

  onChannel(channel: MdnsChannel): void {
    if (this.#closed) return;
    const { port, clock, rng } = this.#options;
    const responder: Responder = new Responder({
      ...{ port, clock, rng },
      send: (packet, to) => channel.send(packet, to),
      isOurs: (record) => this.#said.has(identityOf(record)),
      onConflict: (name) => this.#rename(name, responder),
      onAnnounced: () => this.#announced.resolve(),
    });
    this.#responders.set(channel, responder);
    responder.publish(this.#describe(channel));
  }

  onGone(channel: MdnsChannel): void {
    this.#responders.get(channel)?.[Symbol.dispose]();
    this.#responders.delete(channel);
  }

  onPacket(packet: DnsPacket, sender: Sender, channel: MdnsChannel): void {
    this.#responders.get(channel)?.handle(packet, sender);
  }

  /** Says goodbye, so that others forget the service at once. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    this.#announced.resolve();
    const responders = [...this.#responders.values()];
    this.#responders.clear();
    await Promise.all(responders.map((responder) => responder.goodbye()));
    await this.#presence?.[Symbol.asyncDispose]();
  }

  #describe({ netInterface }: MdnsChannel): readonly DnsRecord[] {
    const records = this.#options.describe(this.#names, netInterface);
    if (this.#said.size > MAX_SAID) this.#said.clear();
    for (const record of records) this.#said.add(identityOf(record));
    return records;
  }

  /** Somebody on the link of `loser` has the name. Elsewhere it is still ours, until it is taken back. */
  #rename(name: string, loser: Responder): void {
    const { hostName, logger, onRenamed } = this.#options;
    const { instance, host } = this.#names;
    const isHost = sameName(name, hostName(host));
    this.#names = isHost
      ? { instance, host: nextHost(host) }
      : { instance: nextInstance(instance), host };
    logger.info({ name, names: this.#names }, "somebody else has this mDNS name: taking another");
    const delay = this.#conflictDelay();
    for (const [channel, responder] of this.#responders) {
      if (responder !== loser) void responder.goodbye();
      responder.publish(this.#describe(channel), delay);
    }
    onRenamed?.(this.#names);
  }

  #conflictDelay(): number {
    const nowMs = this.#options.clock.monotonicMs();
    const { count, within, wait } = MANY_CONFLICTS;
    this.#conflictsMs = [...this.#conflictsMs, nowMs].filter((atMs) => atMs > nowMs - within);
    return this.#conflictsMs.length >= count ? wait : 0;
  }
}

function isSameList(one: readonly DnsRecord[], other: readonly DnsRecord[]): boolean {
  const ids = new Set(one.map(identityOf));
  return one.length === other.length && other.every((record) => ids.has(identityOf(record)));
}
