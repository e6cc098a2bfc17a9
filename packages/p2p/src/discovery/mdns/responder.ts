import type { Clock, Rng, Timer } from "@net/core";
import { Answerer, isSame } from "./answerer.ts";
import { type DnsPacket, type DnsRecord, dnsPacket, type Sender, sameName } from "./dns.ts";
import { Prober } from "./prober.ts";

/** RFC 6762 §8.3: announced at least twice, each time after twice the time, in ms. */
const REPEATS: readonly number[] = [1_000, 2_000];

export interface ResponderOptions {
  readonly send: (packet: DnsPacket, to?: Sender) => Promise<void>;
  readonly port: number;
  readonly clock: Clock;
  readonly rng: Rng;
  /** Whether a record is one that we say, or said, on whatever interface. */
  readonly isOurs: (record: DnsRecord) => boolean;
  /** Somebody has that name, and we have not: take another. */
  readonly onConflict: (name: string) => void;
  readonly onAnnounced?: () => void;
}

/** Makes records known on one link, once nobody else has their names, and answers for them. */
export class Responder implements Disposable {
  readonly #options: ResponderOptions;
  readonly #answerer: Answerer;
  #records: readonly DnsRecord[] = [];
  #prober: Prober | undefined;
  #repeat: Timer | undefined;
  #isAnnounced = false;

  constructor(options: ResponderOptions) {
    const { port, clock, rng } = options;
    this.#options = options;
    const send = (packet: DnsPacket, to?: Sender): void => void options.send(packet, to);
    this.#answerer = new Answerer({ send, port, clock, rng });
  }

  /** What it makes known, or wants to. */
  get records(): readonly DnsRecord[] {
    return this.#records;
  }

  /** Makes these known instead of those before, if nobody has their names. */
  publish(records: readonly DnsRecord[], delay = 0): void {
    const { clock, rng } = this.#options;
    this[Symbol.dispose]();
    this.#records = records;
    if (records.length === 0) return;
    const send = (packet: DnsPacket): void => void this.#options.send(packet);
    const onDone = (): void => this.#won();
    this.#prober = new Prober(records, delay, { send, onDone, clock, rng });
  }

  /** Other data under the same names: known at once, if the names are ours (§8.4). */
  update(records: readonly DnsRecord[]): void {
    if (this.#isAnnounced) this.#replace(records);
    else this.publish(records);
  }

  #replace(records: readonly DnsRecord[]): void {
    const gone = this.#records.filter((each) => !records.some((record) => isSame(each, record)));
    this.#records = records;
    this.#answerer.records = records;
    const shared = gone.filter(({ flush }) => !flush);
    if (shared.length > 0) void this.#options.send(goodbyeOf(shared));
    this.#announce(REPEATS);
  }

  handle(packet: DnsPacket, sender: Sender): void {
    if (packet.kind === "response") this.#hear(packet);
    else if (this.#isAnnounced) this.#answerer.query(packet, sender);
    else this.#prober?.rival(packet.authorities);
  }

  /** Takes back what was made known (§10.1), and ends. */
  async goodbye(): Promise<void> {
    const records = this.#isAnnounced ? this.#records : [];
    this[Symbol.dispose]();
    if (records.length > 0) await this.#options.send(goodbyeOf(records));
  }

  [Symbol.dispose](): void {
    this.#prober?.[Symbol.dispose]();
    this.#prober = undefined;
    this.#repeat?.cancel();
    this.#answerer.clear();
    this.#isAnnounced = false;
  }

  #won(): void {
    this.#prober = undefined;
    this.#isAnnounced = true;
    this.#answerer.records = this.#records;
    this.#announce(REPEATS);
    this.#options.onAnnounced?.();
  }

  #announce([delay, ...rest]: readonly number[]): void {
    this.#repeat?.cancel();
    this.#answerer.said(this.#records);
    void this.#options.send(dnsPacket("response", { answers: this.#records }));
    if (delay === undefined) return;
    this.#repeat = this.#options.clock.setTimeout(() => this.#announce(rest), delay);
  }

  #hear(packet: DnsPacket): void {
    const heard = [...packet.answers, ...packet.additionals];
    const conflict = heard.find((record) => this.#isConflict(record));
    if (conflict) this.#contest(conflict.name);
    else if (this.#isAnnounced) this.#keepTrue(packet, heard);
  }

  /** §9: whoever has announced a name asks for it again, and defends it or loses it. */
  #contest(name: string): void {
    if (this.#isAnnounced) this.publish(this.#records);
    else this.#options.onConflict(name);
  }

  #keepTrue(packet: DnsPacket, heard: readonly DnsRecord[]): void {
    this.#answerer.heard(packet);
    this.#answerer.say(this.#records.filter((own) => heard.some((each) => takesBack(each, own))));
  }

  #isConflict(record: DnsRecord): boolean {
    const isName = this.#records.some(
      (own) => own.flush && own.type === record.type && sameName(own.name, record.name),
    );
    return isName && record.ttlSeconds > 0 && !this.#options.isOurs(record);
  }
}

/** §6.6: somebody lets others forget what is still true. */
function takesBack(heard: DnsRecord, own: DnsRecord): boolean {
  return heard.ttlSeconds < own.ttlSeconds / 2 && isSame(heard, own);
}

function goodbyeOf(records: readonly DnsRecord[]): DnsPacket {
  return dnsPacket("response", {
    answers: records.map((record) => ({ ...record, ttlSeconds: 0 })),
  });
}
