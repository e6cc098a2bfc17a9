import type { ErrorCode } from "@net/core";
import type { Failure } from "../tools/outcome.ts";

/**
 * What follows a try that failed:
 * - `stop`: the caller is told;
 * - `elsewhere`: another peer is asked;
 * - `ask-again`: the same peer is asked again, which knows by the key whether it ran.
 */
export type Move = "stop" | "elsewhere" | "ask-again";

/** What is known of a call. */
export interface Repeatability {
  /** Whether running it twice does no harm, or the caller agreed to it. */
  readonly repeatable: boolean;
  readonly keyed: boolean;
}

/** Reasons of one peer, for good, for not running a tool that another may not have. */
const barring: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["PERMISSION_DENIED", "TOOL_NOT_FOUND"]);

/** What certainly did not run may run elsewhere; what may have run only if that does no harm. */
export function nextMove({ fate, error }: Failure, { repeatable, keyed }: Repeatability): Move {
  if (fate === "not-run") return error.retryable || barring.has(error.code) ? "elsewhere" : "stop";
  if (fate !== "lost") return "stop";
  if (repeatable) return "elsewhere";
  return keyed ? "ask-again" : "stop";
}

/** Whether that peer need not be asked again, however often the call is tried. */
export function isBarred({ fate, error }: Failure): boolean {
  return fate === "not-run" && barring.has(error.code);
}
