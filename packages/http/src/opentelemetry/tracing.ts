import {
  type Attributes,
  context,
  type Histogram,
  type Meter,
  metrics,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type { RequestEvent } from "../observe/hooks.ts";
import type { Trace, TraceOutcome, Tracing } from "../observe/tracing.ts";

export interface OpenTelemetryOptions {
  /** Default: `trace.getTracer("@net/http")`. */
  readonly tracer?: Tracer | undefined;
  /** Default: `metrics.getMeter("@net/http")`. */
  readonly meter?: Meter | undefined;
}

const NAME = "@net/http";
/** The boundaries that the semantic conventions advise for durations of HTTP, in seconds. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/**
 * A span for each request, retries among them (`http.request.resend_count`), whose context goes along by the global
 * propagator; and the metric `http.client.request.duration`. Names are those of the semantic conventions for HTTP, stable
 * since 1.23.
 *
 * @example
 * ```ts
 * const http = new HTTPClient({ tracing: openTelemetry() });
 * ```
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Tracing {
  const { tracer = trace.getTracer(NAME), meter = metrics.getMeter(NAME) } = options;
  const durations = meter.createHistogram("http.client.request.duration", {
    unit: "s",
    description: "Duration of HTTP client requests.",
    advice: { explicitBucketBoundaries: SECONDS },
  });
  return { start: (event) => new RequestSpan(tracer, durations, event) };
}

class RequestSpan implements Trace {
  readonly headers: Record<string, string> = {};
  readonly #span: Span;
  readonly #durations: Histogram;
  readonly #attributes: Attributes;

  constructor(tracer: Tracer, durations: Histogram, { method, url, attempt }: RequestEvent) {
    const { hostname, port, protocol } = new URL(url);
    this.#durations = durations;
    this.#attributes = {
      "http.request.method": method,
      "server.address": hostname,
      "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
    };
    const attributes = {
      ...this.#attributes,
      "url.full": url,
      ...(attempt > 1 && { "http.request.resend_count": attempt - 1 }),
    };
    this.#span = tracer.startSpan(method, { kind: SpanKind.CLIENT, attributes });
    propagation.inject(trace.setSpan(context.active(), this.#span), this.headers);
  }

  end({ status, error, durationMs }: TraceOutcome): void {
    const attributes = {
      ...(status !== undefined && { "http.response.status_code": status }),
      ...(error && { "error.type": error.code }),
      ...(status !== undefined && status >= 400 && { "error.type": String(status) }),
    };
    this.#span.setAttributes(attributes);
    if ("error.type" in attributes) {
      this.#span.setStatus({
        code: SpanStatusCode.ERROR,
        ...(error && { message: error.message }),
      });
    }
    this.#span.end();
    this.#durations.record(durationMs / 1000, { ...this.#attributes, ...attributes });
  }
}
