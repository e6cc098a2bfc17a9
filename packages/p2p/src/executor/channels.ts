import { type Channel, channel } from "node:diagnostics_channel";
import type { ErrorCode } from "@net/core";

/** One try of an execution, at one peer, when it has ended. */
export interface AttemptMessage {
  readonly tool: string;
  readonly peerId: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** What the peer was given, and the caller's, whose child it is. */
  readonly traceparent: string | undefined;
  readonly parent: string | undefined;
  readonly startedAtMs: number;
  readonly durationMs: number;
  /** Why it failed; undefined if it did not. */
  readonly code: ErrorCode | undefined;
}

const attempts: Channel = channel("net:p2p:attempt");

/** Whether anybody wants to know. */
export function isTraced(): boolean {
  return attempts.hasSubscribers;
}

/** Tells of every try of every executor, when it has ended. Subscribe with `node:diagnostics_channel`. */
export function publishAttempt(message: AttemptMessage): void {
  attempts.publish(message);
}
