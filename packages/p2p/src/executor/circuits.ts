import {
  CircuitBreaker,
  type CircuitBreakerOptions,
  CircuitOpenError,
  type CircuitPermit,
  type CircuitState,
  type ErrorCode,
} from "@net/core";
import type { Outcome } from "../tools/outcome.ts";

/** The most peers whose circuit is remembered; the one that was made first is forgotten first. */
const MAX_CIRCUITS = 4_096;

/** A peer that says so is well, but has enough to do. */
const busy: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["OVERLOADED", "RATE_LIMITED"]);

/** A circuit breaker for each peer: what keeps losing calls gets none for a while. */
export class Circuits {
  readonly #options: CircuitBreakerOptions;
  readonly #breakers = new Map<string, CircuitBreaker>();

  constructor(options: CircuitBreakerOptions) {
    this.#options = options;
  }

  state(peerId: string): CircuitState {
    return this.#breakers.get(peerId)?.state ?? "closed";
  }

  /** Peers whose circuit was ever made, and how it is. */
  *states(): Iterable<[peerId: string, state: CircuitState]> {
    for (const [peerId, { state }] of this.#breakers) yield [peerId, state];
  }

  /** Leave for one call; undefined while there is none. */
  enter(peerId: string): CircuitPermit | undefined {
    try {
      return this.#of(peerId).enter();
    } catch (error) {
      if (CircuitOpenError.is(error)) return undefined;
      throw error;
    }
  }

  #of(peerId: string): CircuitBreaker {
    const known = this.#breakers.get(peerId);
    if (known) return known;
    const breaker = new CircuitBreaker({ ...this.#options, name: peerId });
    this.#breakers.set(peerId, breaker);
    const [oldest] = this.#breakers.keys();
    if (this.#breakers.size > MAX_CIRCUITS && oldest !== undefined) this.#breakers.delete(oldest);
    return breaker;
  }
}

/** Those peers are the only ones who could do it, and are left alone for now. */
export function resting(peers: Iterable<string>): CircuitOpenError {
  const names = [...peers].join(", ");
  return new CircuitOpenError(
    `${names}: calls there kept being lost, so that none is made for a while`,
  );
}

/** Tells a peer's circuit how a call ended. What the tool reports is an answer; who gave up says nothing of the peer. */
export function report(permit: CircuitPermit, outcome: Outcome): void {
  if (outcome.ok || outcome.fate === "failed") permit.succeeded();
  else if (outcome.fate === "lost") permit.failed();
  else if (outcome.fate === "given-up" || !outcome.error.retryable) permit.ignored();
  else if (busy.has(outcome.error.code)) permit.succeeded();
  else permit.failed();
}
