import { isAmount, type JsonObject, NetworkError } from "@net/core";
import { failure, type Outcome } from "../tools/outcome.ts";
import type { KeyedCall } from "./keyed-call.ts";

// What a ledger says to a call that comes again, where it is not simply what the first one was told.

export function conflict({ tool, key }: KeyedCall): NetworkError {
  return new NetworkError(
    "CONFLICT",
    `the idempotency key ${key} was used for another call of ${tool}: new arguments need a new key`,
  );
}

/** How a call ended, for whoever asks later: a run that was given up may have done anything, or nothing. */
export function lastingOutcome({ tool }: KeyedCall, outcome: Outcome): Outcome {
  if (outcome.ok || outcome.fate === "failed") return outcome;
  const message = `the first call of ${tool} with this key was given up while it ran; it is not run again`;
  return failure("failed", new NetworkError("OUTCOME_UNKNOWN", message, { cause: outcome.error }));
}

/** In place of a result, or an error, that is too large. */
export function tooLarge(call: KeyedCall, outcome: Outcome, bytes: number): Outcome {
  const details = isAmount(bytes) ? { resultBytes: bytes } : {};
  return cannotBeTold(call, outcome, "how is too large to be told twice", details);
}

/** In place of the end of a call that also streamed, which only its first caller got. */
export function streamed(call: KeyedCall, outcome: Outcome): Outcome {
  return cannotBeTold(call, outcome, "what it streamed is not kept", {});
}

function cannotBeTold(
  { tool }: KeyedCall,
  outcome: Outcome,
  why: string,
  more: JsonObject,
): Outcome {
  const ended = outcome.ok ? "succeeded" : "failed";
  const message = `${tool} ran with this key and ${ended}, but ${why}; it is not run again`;
  const details = { ran: true, succeeded: outcome.ok, ...more };
  return failure("failed", new NetworkError("OUTCOME_UNKNOWN", message, { details }));
}
