import {
  abortable,
  type Clock,
  type ErrorCode,
  exponential,
  NetworkError,
  type Rng,
  retry,
} from "@net/core";
import type { DialPeerOptions } from "./caller.ts";
import type { PeerLink } from "./peer-link.ts";

/** Before the first redial at most, in ms; it doubles up to core's 30 s, with full jitter. */
const FIRST_DELAY = 500;

/** What trying again would not change. */
const final: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "ABORTED",
  "AUTHENTICATION_FAILED",
  "CLOSED",
  "INVALID_ARGUMENT",
  "PERMISSION_DENIED",
  "UNSUPPORTED",
]);

export interface RediallerOptions {
  readonly clock: Clock;
  readonly rng: Rng;
  /** Ends all redialling. */
  readonly closing: AbortSignal;
  readonly dial: (address: string, options: DialPeerOptions) => Promise<PeerLink>;
}

/** Keeps links to addresses: whenever one ends, its address is dialled until it answers or refuses. */
export class Redialler {
  readonly #options: RediallerOptions;
  readonly #kept = new Map<string, Promise<void>>();

  constructor(options: RediallerOptions) {
    this.#options = options;
  }

  /** An address is kept once, however often it is asked for. */
  keep(address: string, link: PeerLink, token: string | undefined): void {
    if (this.#kept.has(address)) return;
    const keeping = this.#keep(address, link, token).finally(() => this.#kept.delete(address));
    this.#kept.set(address, keeping);
  }

  /** Resolves when nothing is redialled any more; the closing signal must have aborted. */
  async ended(): Promise<void> {
    await Promise.all(this.#kept.values());
  }

  /** Never rejects: why it gave up, the refusal has told. */
  async #keep(address: string, first: PeerLink, token: string | undefined): Promise<void> {
    const { closing } = this.#options;
    let link: PeerLink | undefined = first;
    while (link && !closing.aborted) {
      await abortable(link.closed, closing).catch(() => {});
      link = await this.#redial(address, token).catch(() => undefined);
    }
  }

  async #redial(address: string, token: string | undefined): Promise<PeerLink> {
    const { clock, rng, closing: signal, dial } = this.#options;
    return await retry((attempt) => dial(address, { token, signal: attempt.signal }), {
      ...{ retries: Number.POSITIVE_INFINITY, backoff: exponential({ initial: FIRST_DELAY }) },
      ...{ clock, rng, signal },
      classify: (error) => (NetworkError.is(error) && final.has(error.code) ? "fail" : "retry"),
    });
  }
}
