import { type Clock, type Rng, type Timer, TokenBucket } from "@net/core";
import { additionalsFor, answersTo, forLegacy, withoutKnown } from "./answers.ts";
import { type DnsPacket, type DnsRecord, dnsPacket, type Question, type Sender } from "./dns.ts";
import { identityOf } from "./rdata.ts";
import { WaitingAnswers } from "./waiting-answers.ts";

/** RFC 6762 §6: where others may answer too, so that not all do at once. */
const SHARED_DELAY = { from: 20, spread: 100 } as const;
/** §7.2: until the rest of the known answers has come. */
const TRUNCATED_DELAY = { from: 400, spread: 100 } as const;
/** Askers whose packets are incomplete; more get their answer without waiting. */
const MAX_HELD = 64;
/** Answers to one asker, whose address may be forged, per second. */
const UNICAST_RATE = 50;

export interface AnswererOptions {
  readonly send: (packet: DnsPacket, to?: Sender) => void;
  /** From another port asks who knows no multicast DNS (§6.7). */
  readonly port: number;
  readonly clock: Clock;
  readonly rng: Rng;
}

interface Held {
  readonly packets: DnsPacket[];
  readonly timer: Timer;
}

/** Answers questions about the records of one responder. */
export class Answerer implements Disposable {
  /** What is answered from. */
  records: readonly DnsRecord[] = [];
  readonly #options: AnswererOptions;
  readonly #waiting: WaitingAnswers;
  readonly #held = new Map<string, Held>();
  readonly #unicasts: TokenBucket;

  constructor(options: AnswererOptions) {
    const { clock } = options;
    this.#options = options;
    this.#waiting = new WaitingAnswers(clock, (answers) => this.#tell(answers));
    this.#unicasts = new TokenBucket({ capacity: UNICAST_RATE, perSecond: UNICAST_RATE, clock });
  }

  query(packet: DnsPacket, sender: Sender): void {
    const asker = `${sender.address} ${sender.port}`;
    const held = this.#held.get(asker);
    if (held && held.packets.length < MAX_HELD) held.packets.push(packet);
    if (held) return;
    if (packet.truncated && this.#held.size < MAX_HELD) this.#hold(asker, packet, sender);
    else this.#answer([packet], sender);
  }

  /** Another responder said something. */
  heard({ answers }: DnsPacket): void {
    this.#waiting.heard(answers);
  }

  /** Our own records were announced. */
  said(records: readonly DnsRecord[]): void {
    this.#waiting.said(records);
  }

  /** Says records that nobody asked for. */
  say(records: readonly DnsRecord[]): void {
    this.#waiting.add(records, 0);
  }

  clear(): void {
    this.records = [];
    this.#waiting.clear();
    for (const { timer } of this.#held.values()) timer.cancel();
    this.#held.clear();
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #hold(asker: string, packet: DnsPacket, sender: Sender): void {
    const packets = [packet];
    const answer = (): void => {
      this.#held.delete(asker);
      this.#answer(packets, sender);
    };
    const timer = this.#options.clock.setTimeout(answer, this.#random(TRUNCATED_DELAY));
    this.#held.set(asker, { packets, timer });
  }

  #answer(packets: readonly DnsPacket[], sender: Sender): void {
    const questions = packets.flatMap((packet) => packet.questions);
    const known = packets.flatMap(({ answers }) => answers);
    const found = (wanted: readonly Question[]): DnsRecord[] => {
      const answers = wanted.flatMap((question) => answersTo(question, this.records));
      return withoutKnown([...new Set(answers)], known);
    };
    const [first] = packets;
    if (first && sender.port !== this.#options.port) {
      this.#answerLegacy(first, found(questions), sender);
      return;
    }
    const [toOne, toAll] = this.#whom(questions, found);
    this.#tell(toOne, sender);
    const isProbe = packets.some(({ authorities }) => authorities.length > 0);
    this.#waiting.add(toAll, this.#delayOf(toAll, isProbe), isProbe);
  }

  /** §5.4: whoever wants an answer alone gets it, if everybody was told the same lately. */
  #whom(
    questions: readonly Question[],
    found: (questions: readonly Question[]) => DnsRecord[],
  ): readonly [toOne: DnsRecord[], toAll: DnsRecord[]] {
    const wanted = found(questions.filter(({ unicast }) => unicast));
    const isFresh = (record: DnsRecord): boolean =>
      this.#waiting.saidMsAgo(record) < (record.ttlSeconds * 1_000) / 4;
    const others = found(questions.filter(({ unicast }) => !unicast));
    return [wanted.filter(isFresh), [...others, ...wanted.filter((each) => !isFresh(each))]];
  }

  #delayOf(records: readonly DnsRecord[], isProbe: boolean): number {
    return isProbe || records.every(({ flush }) => flush) ? 0 : this.#random(SHARED_DELAY);
  }

  #answerLegacy({ id, questions }: DnsPacket, found: readonly DnsRecord[], to: Sender): void {
    if (found.length === 0 || !this.#unicasts.tryTake()) return;
    const [answers, additionals] = [found, additionalsFor(found, this.records)].map(forLegacy);
    const parts = { id, questions, answers: answers ?? [], additionals: additionals ?? [] };
    this.#options.send(dnsPacket("response", parts), to);
  }

  #tell(answers: readonly DnsRecord[], to?: Sender): void {
    if (answers.length === 0 || (to && !this.#unicasts.tryTake())) return;
    const additionals = additionalsFor(answers, this.records);
    this.#options.send(dnsPacket("response", { answers, additionals }), to);
  }

  #random({ from, spread }: { readonly from: number; readonly spread: number }): number {
    return from + spread * this.#options.rng.next();
  }
}

/** Whether two records say the same. */
export function isSame(one: DnsRecord, other: DnsRecord): boolean {
  return identityOf(one) === identityOf(other);
}
