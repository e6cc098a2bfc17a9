import type { Clock, Rng, Timer } from "@net/core";
import { type DnsPacket, type DnsRecord, dnsPacket, sameName } from "./dns.ts";
import { compareSets } from "./rdata.ts";

/** RFC 6762 §8.1. */
const PROBES = 3;
const PROBE_INTERVAL = 250;
/** §8.2: whoever loses a simultaneous probe waits; the winner's answer tells it the rest. */
const LOST_DELAY = 1_000;

export interface ProberOptions {
  readonly send: (packet: DnsPacket) => void;
  /** Nobody has objected: the names are ours. */
  readonly onDone: () => void;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** Asks whether somebody has the names that we want, three times. */
export class Prober implements Disposable {
  readonly #options: ProberOptions;
  readonly #unique: readonly DnsRecord[];
  readonly #names: readonly string[];
  #sent = 0;
  #timer: Timer;

  /** @param delay after which it begins, in ms; up to 250 more so that machines that start together do not ask together. */
  constructor(records: readonly DnsRecord[], delay: number, options: ProberOptions) {
    this.#options = options;
    this.#unique = records.filter(({ flush }) => flush);
    this.#names = [...new Set(this.#unique.map(({ name }) => name))];
    this.#timer = this.#in(delay + options.rng.next() * PROBE_INTERVAL);
  }

  /** Somebody else wants names, at the same time. Our own probe, come back to us, is a draw. */
  rival(wanted: readonly DnsRecord[]): void {
    const isLost = this.#names.some((name) => {
      const theirs = wanted.filter((record) => sameName(record.name, name));
      const ours = this.#unique.filter((record) => record.name === name);
      return theirs.length > 0 && compareSets(ours, theirs) < 0;
    });
    if (!isLost) return;
    this.#timer.cancel();
    this.#sent = 0;
    this.#timer = this.#in(LOST_DELAY);
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  #in(delay: number): Timer {
    return this.#options.clock.setTimeout(() => this.#probe(), delay);
  }

  #probe(): void {
    const { send, onDone } = this.#options;
    if (this.#sent === PROBES) {
      onDone();
      return;
    }
    this.#sent++;
    this.#timer = this.#in(PROBE_INTERVAL);
    // An answer to the asker alone (QU) would be lost where several programs share the port (§15.1): not asked for.
    const questions = this.#names.map((name) => ({ name, type: "ANY", unicast: false }));
    // §10.2: the cache-flush bit has no place in what is only wanted.
    const authorities = this.#unique.map((record) => ({ ...record, flush: false }));
    send(dnsPacket("query", { questions, authorities }));
  }
}
