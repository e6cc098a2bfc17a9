import { ClosedError, NetworkTimeoutError, OverloadedError, ValidationError } from "@net/core";
import type { QueuedFrame } from "./queued-frame.ts";

// What a sender hears when a frame was not sent.

/** Too much waits already. */
export function fullError(
  { type, bytes }: QueuedFrame,
  peerId: string,
  queuedBytes: number,
): OverloadedError {
  const message = `${queuedBytes} bytes wait for ${peerId}: a ${type} of ${bytes} was not taken`;
  return new OverloadedError(message, { details: { peerId, queuedBytes } });
}

/** It waited too long among too many. */
export function refusedError(frame: QueuedFrame, peerId: string, nowMs: number): OverloadedError {
  const waitedMs = Math.round(nowMs - frame.enqueuedAtMs);
  const message = `a ${frame.type} to ${peerId} waited ${waitedMs} ms: too much is sent there`;
  return new OverloadedError(message, { details: { peerId, waitedMs } });
}

/** Its deadline passed. */
export function lateError(frame: QueuedFrame, peerId: string): NetworkTimeoutError {
  // The sum of two moments is not exact.
  const timeoutMs = Math.round((frame.dueAtMs - frame.enqueuedAtMs) * 1_000) / 1_000;
  const message = `a ${frame.type} to ${peerId} was not sent within its ${timeoutMs} ms`;
  return new NetworkTimeoutError(message, { kind: "deadline", timeoutMs });
}

export function tooLargeError(
  { bytes }: QueuedFrame,
  peerId: string,
  maxFrameBytes: number,
): ValidationError {
  const message = `a frame of ${bytes} bytes is over the limit of ${maxFrameBytes} to ${peerId}`;
  return new ValidationError(message, { code: "FRAME_TOO_LARGE" });
}

export function closedError(peerId: string, cause: unknown): ClosedError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new ClosedError(`the queue to ${peerId} was closed${why}`, { cause, details: { peerId } });
}
