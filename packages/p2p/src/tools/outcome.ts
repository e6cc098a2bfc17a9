import type { NetworkError } from "@net/core";

/**
 * What became of a tool that did not give a value:
 * - `not-run`: it was never started;
 * - `failed`: it ran and failed, or was refused its result;
 * - `lost`: it may have run; whoever knows cannot be reached;
 * - `given-up`: the caller's signal or deadline ended the wait.
 */
export type Fate = "not-run" | "failed" | "lost" | "given-up";

export interface Success<T = unknown> {
  readonly ok: true;
  readonly value: T;
}

export interface Failure {
  readonly ok: false;
  readonly fate: Fate;
  readonly error: NetworkError;
}

/** How a call ended, here or elsewhere. A promise of it does not reject. */
export type Outcome<T = unknown> = Success<T> | Failure;

export function success<T>(value: T): Success<T> {
  return { ok: true, value };
}

export function failure(fate: Fate, error: NetworkError): Failure {
  return { ok: false, fate, error };
}
