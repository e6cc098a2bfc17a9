import type { Clock, Timer } from "@net/core";
import type { DnsRecord } from "./dns.ts";
import { identityOf } from "./rdata.ts";

/** RFC 6762 §6: a record is multicast on an interface once in this time, in ms, */
const MIN_INTERVAL = 1_000;
/** or to defend a name against a probe. */
const MIN_DEFENCE_INTERVAL = 250;

/** Records whose time of saying is remembered: more than one service has, also when its data change. */
const MAX_SAID = 1_024;

interface Waiting {
  readonly record: DnsRecord;
  readonly dueMs: number;
}

/** Answers on their way to everybody: several askers are answered at once, and no record is said too often. */
export class WaitingAnswers implements Disposable {
  readonly #clock: Clock;
  readonly #send: (records: readonly DnsRecord[]) => void;
  readonly #waiting = new Map<string, Waiting>();
  readonly #saidAtMs = new Map<string, number>();
  #timer: Timer | undefined;

  constructor(clock: Clock, send: (records: readonly DnsRecord[]) => void) {
    this.#clock = clock;
    this.#send = send;
  }

  /** Says them after `delay` ms, or later if they were said a moment ago. What waits already is not put off. */
  add(records: readonly DnsRecord[], delay: number, isDefence = false): void {
    const nowMs = this.#clock.monotonicMs();
    const interval = isDefence ? MIN_DEFENCE_INTERVAL : MIN_INTERVAL;
    for (const record of records) {
      const id = identityOf(record);
      const free = (this.#saidAtMs.get(id) ?? Number.NEGATIVE_INFINITY) + interval;
      const dueMs = Math.max(nowMs + delay, free);
      if ((this.#waiting.get(id)?.dueMs ?? Number.POSITIVE_INFINITY) > dueMs) {
        this.#waiting.set(id, { record, dueMs });
      }
    }
    this.#next();
  }

  /** Somebody said them: they need not be said again (§7.4). */
  heard(records: readonly DnsRecord[]): void {
    for (const record of records) {
      const id = identityOf(record);
      const waiting = this.#waiting.get(id);
      if (waiting && record.ttlSeconds >= waiting.record.ttlSeconds) this.#waiting.delete(id);
    }
  }

  /** They were said, and are not said again in the next second. */
  said(records: readonly DnsRecord[]): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#saidAtMs.size > MAX_SAID) this.#saidAtMs.clear();
    for (const record of records) {
      this.#waiting.delete(identityOf(record));
      this.#saidAtMs.set(identityOf(record), nowMs);
    }
  }

  /** When that was said to everybody, if ever, in ms ago. */
  saidMsAgo(record: DnsRecord): number {
    const saidAtMs = this.#saidAtMs.get(identityOf(record)) ?? Number.NEGATIVE_INFINITY;
    return this.#clock.monotonicMs() - saidAtMs;
  }

  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#waiting.clear();
    this.#saidAtMs.clear();
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  #next(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const nowMs = this.#clock.monotonicMs();
    const due = [...this.#waiting.values()].filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length > 0) this.#say(due.map(({ record }) => record));
    if (this.#waiting.size === 0) return;
    const first = Math.min(...[...this.#waiting.values()].map(({ dueMs }) => dueMs));
    this.#timer = this.#clock.setTimeout(() => this.#next(), first - nowMs);
  }

  #say(records: readonly DnsRecord[]): void {
    this.said(records);
    this.#send(records);
  }
}
