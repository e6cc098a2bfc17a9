import { randomBytes } from "node:crypto";
import { type NetworkError, ValidationError } from "@net/core";
import type { RequestEvent } from "./hooks.ts";

/** How a traced request ended. */
export interface TraceOutcome {
  readonly status?: number | undefined;
  readonly error?: NetworkError | undefined;
  readonly durationMs: number;
}

/** One request being traced. */
export interface Trace {
  /** Sent with it: `traceparent` and what belongs to it. */
  readonly headers: Readonly<Record<string, string>>;
  end(outcome: TraceOutcome): void;
}

/** Traces requests; each try is one of its own. `@net/http/opentelemetry` makes one. */
export interface Tracing {
  start(event: RequestEvent): Trace | undefined;
}

const grammar = /^00-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})$/;

/**
 * Propagates a trace without a library for it: each request gets a `traceparent` (W3C Trace Context) that is a child of
 * the current one. Where there is none, nothing is sent.
 *
 * @param current gives the `traceparent` of what runs now, for instance from an `AsyncLocalStorage`.
 * @throws ValidationError at the request, if what it gives is none.
 */
export function traceContext(current: () => string | undefined): Tracing {
  return {
    start: () => {
      const parent = current();
      if (parent === undefined) return undefined;
      return { headers: { traceparent: childOf(parent) }, end: () => {} };
    },
  };
}

function childOf(parent: string): string {
  const [, trace, , flags] = grammar.exec(parent) ?? [];
  if (trace === undefined || flags === undefined) {
    throw new ValidationError(`${JSON.stringify(parent)} is no traceparent of version 00`);
  }
  return `00-${trace}-${randomBytes(8).toString("hex")}-${flags}`;
}
