import {
  abortable,
  type Clock,
  type ErrorCode,
  linkSignals,
  NetworkError,
  RetryPace,
  type Rng,
  sleep,
} from "@net/core";
import type { DialPeerOptions } from "./caller.ts";
import { dialFirst } from "./dial-first.ts";

/** Before the first redial at most, in ms. */
const FIRST_DELAY = 500;
/** Of a peer that was there lately, in ms: a partition that heals must be found out within seconds. */
const SHORT_DELAY = 3_000;
/** Of a peer that is gone for long, in ms. */
const LONG_DELAY = 30_000;
/** After so long, in ms, it is gone for long. */
const LONG_ABSENCE = 600_000;
/** A link that lasted so long, in ms, was a good one. */
const STABLE = 10_000;
/**
 * How long an attempt may take, in ms. TCP sends its first packet again after 1, 3, 7 and 15 s: to begin anew after 8 is
 * quicker than to wait for the last of them, and time enough for a slow handshake.
 */
const ATTEMPT = 8_000;
/** So long after it was told to hurry, in ms, it hardly waits. */
const HURRY = 5_000;
/** The longest wait in a hurry, in ms. */
const HURRIED_DELAY = 250;
/** The most addresses that are remembered for one peer: those it was heard of last. */
const MAX_ADDRESSES = 16;

/** What trying again would not change. */
const final: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "AUTHENTICATION_FAILED",
  "CLOSED",
  "INVALID_ARGUMENT",
  "PERMISSION_DENIED",
  "UNSUPPORTED",
]);

/** As much of a link as is needed to keep it. */
export interface KeptLink {
  readonly peerId: string;
  readonly closed: Promise<unknown>;
}

export interface KeptOptions<Link extends KeptLink> {
  readonly clock: Clock;
  readonly rng: Rng;
  readonly dial: (address: string, options: DialPeerOptions) => Promise<Link>;
}

/** One peer that is wanted, and where it may be. */
export class Kept<Link extends KeptLink> {
  readonly #options: KeptOptions<Link>;
  readonly #token: string | undefined;
  readonly #stopping = new AbortController();
  readonly #pace: RetryPace;
  /** The one that worked last comes first. */
  #addresses: readonly string[];
  #link: Link;
  #lostAtMs = 0;
  #hurriedAtMs = Number.NEGATIVE_INFINITY;
  /** Ends the wait, or the attempt, of the moment. */
  #hurry = new AbortController();

  constructor(address: string, link: Link, token: string | undefined, options: KeptOptions<Link>) {
    const { clock, rng } = options;
    this.#options = options;
    this.#token = token;
    this.#addresses = [address];
    this.#link = link;
    const delays = { min: FIRST_DELAY, max: SHORT_DELAY, resetAfter: STABLE };
    this.#pace = new RetryPace({ ...delays, clock, rng });
  }

  /** Who answered last. */
  get peerId(): string {
    return this.#link.peerId;
  }

  isAt(address: string): boolean {
    return this.#addresses.includes(address);
  }

  /** It may be found there too: the second place to look. */
  alsoAt(address: string): void {
    if (this.isAt(address)) return;
    const [likeliest, ...others] = this.#addresses;
    const all = [...(likeliest === undefined ? [] : [likeliest]), address, ...others];
    this.#addresses = all.slice(0, MAX_ADDRESSES);
  }

  /** Tries now, anew; or as soon as the link there is ends, should that be soon. */
  hurry(): void {
    this.#hurriedAtMs = this.#options.clock.monotonicMs();
    this.#hurry.abort();
  }

  stop(): void {
    this.#stopping.abort();
  }

  /** Resolves when it was stopped, or refused. Never rejects: why it gave up, the refusal has told. */
  async run(): Promise<void> {
    const { clock } = this.#options;
    for (;;) {
      this.#pace.opened();
      await abortable(this.#link.closed, this.#stopping.signal).catch(() => {});
      this.#lostAtMs = clock.monotonicMs();
      this.#hurry = new AbortController();
      const link = await this.#redial();
      if (!link) return;
      this.#link = link;
    }
  }

  async #redial(): Promise<Link | undefined> {
    for (let isFirst = true; !this.#stopping.signal.aborted; isFirst = false) {
      this.#pace.failed();
      await this.#pause(isFirst);
      const outcome = await this.#attempt();
      if (outcome === "refused") return undefined;
      if (outcome !== "failed") return outcome;
    }
    return undefined;
  }

  async #pause(isFirst: boolean): Promise<void> {
    using limit = linkSignals([this.#stopping.signal, this.#hurry.signal]);
    const { clock } = this.#options;
    // Both only end the wait.
    await sleep(this.#delayMs(isFirst), { clock, signal: limit.signal }).catch(() => {});
  }

  #delayMs(isFirst: boolean): number {
    const { clock, rng } = this.#options;
    const now = clock.monotonicMs();
    if (now - this.#hurriedAtMs < HURRY) return isFirst ? 0 : rng.next() * HURRIED_DELAY;
    if (now - this.#lostAtMs >= LONG_ABSENCE) return rng.next() * LONG_DELAY;
    return this.#pace.delayMs(unreachable);
  }

  async #attempt(): Promise<Link | "failed" | "refused"> {
    const { clock } = this.#options;
    if (this.#hurry.signal.aborted) this.#hurry = new AbortController();
    using limit = linkSignals([this.#stopping.signal, this.#hurry.signal]);
    using _timer = clock.setTimeout(() => limit.abort(), ATTEMPT);
    try {
      return await this.#dial(limit.signal);
    } catch (error) {
      return isFinal(error) ? "refused" : "failed";
    }
  }

  async #dial(signal: AbortSignal): Promise<Link> {
    const { clock, dial } = this.#options;
    const token = this.#token;
    const dialled = await dialFirst(
      this.#addresses,
      (address, within) => dial(address, { token, signal: within }),
      { clock, signal },
    );
    const others = this.#addresses.filter((address) => address !== dialled.address);
    this.#addresses = [dialled.address, ...others];
    return dialled.value;
  }
}

/** What the pace is asked with: it has no time of its own to come back. */
const unreachable: NetworkError = new NetworkError("CONNECTION_FAILED", "the peer is not there");

/** Only if it is so at every address: at one of them somebody else may be by now. */
function isFinal(error: unknown): boolean {
  const errors: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
  return errors.every((each) => NetworkError.is(each) && final.has(each.code));
}
