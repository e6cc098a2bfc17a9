import type { Clock, Rng, Timer } from "@net/core";
import { type DnsPacket, type DnsRecord, dnsPacket, type Question } from "./dns.ts";
import { rdataOf } from "./rdata.ts";

/** RFC 6762 §5.2: between the first two queries at least one second, then each time twice as long, in ms, */
const FIRST_INTERVAL = 1_000;
/** up to an hour. */
const MAX_INTERVAL = 3_600_000;
/** §5.2: the first query waits so that machines that start together do not ask together. */
const FIRST_DELAY = { from: 20, spread: 100 } as const;
/** Known answers that fit a packet on every link, with what is around them. */
const MAX_KNOWN_BYTES = 1_100;

export interface AskerOptions {
  readonly send: (packet: DnsPacket) => void;
  readonly question: Question;
  /** What need not be told. */
  readonly known: () => readonly DnsRecord[];
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Asks a question for as long as it lives, less and less often. */
export class Asker implements Disposable {
  readonly #options: AskerOptions;
  #timer: Timer;

  /** @param isAtOnce whether somebody waits for it, and not for the interface to come up. */
  constructor(options: AskerOptions, isAtOnce: boolean) {
    const { clock, rng } = options;
    this.#options = options;
    const delay = isAtOnce ? 0 : FIRST_DELAY.from + FIRST_DELAY.spread * rng.next();
    this.#timer = clock.setTimeout(() => this.#ask(FIRST_INTERVAL), delay);
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #ask(interval: number): void {
    const { send, question, known, clock } = this.#options;
    for (const packet of queriesOf([question], known())) send(packet);
    const next = Math.min(MAX_INTERVAL, 2 * interval);
    this.#timer = clock.setTimeout(() => this.#ask(next), interval);
  }
}

/** One query, and where the known answers do not fit it, more that hold the rest of them (§7.2). */
export function queriesOf(
  questions: readonly Question[],
  known: readonly DnsRecord[],
): readonly DnsPacket[] {
  const parts: DnsRecord[][] = [[]];
  let bytes = 0;
  for (const record of known) {
    const size = Buffer.byteLength(record.name) + 12 + rdataOf(record).length;
    if (bytes > 0 && bytes + size > MAX_KNOWN_BYTES) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)?.push(record);
    bytes += size;
  }
  return parts.map((answers, i) =>
    dnsPacket("query", {
      ...{ questions: i === 0 ? questions : [], answers },
      truncated: i < parts.length - 1,
    }),
  );
}
