import { openTelemetry } from "@net/http/opentelemetry";
import { MockWire } from "@net/http/testing";
import {
  type Attributes,
  type Meter,
  propagation,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
} from "@opentelemetry/api";
import { afterAll, beforeAll, expect, test } from "vitest";

interface Recorded {
  readonly name: string;
  readonly kind: SpanKind | undefined;
  readonly attributes: Attributes;
  status?: SpanStatusCode;
  isEnded: boolean;
}

function recorder(): {
  tracer: Tracer;
  meter: Meter;
  spans: Recorded[];
  durations: { seconds: number; attributes: Attributes }[];
} {
  const spans: Recorded[] = [];
  const durations: { seconds: number; attributes: Attributes }[] = [];
  const startSpan: Tracer["startSpan"] = (name, options = {}) => {
    const span: Recorded = {
      name,
      kind: options.kind,
      attributes: { ...options.attributes },
      isEnded: false,
    };
    spans.push(span);
    return {
      setAttributes: (more: Attributes) => Object.assign(span.attributes, more),
      setStatus: ({ code }: { code: SpanStatusCode }) => Object.assign(span, { status: code }),
      end: () => Object.assign(span, { isEnded: true }),
    } as unknown as Span;
  };
  const meter = {
    createHistogram: (name: string, { unit }: { unit: string }) => {
      expect([name, unit]).toEqual(["http.client.request.duration", "s"]);
      return {
        record: (seconds: number, attributes: Attributes) =>
          durations.push({ seconds, attributes }),
      };
    },
  };
  return {
    tracer: { startSpan } as unknown as Tracer,
    meter: meter as unknown as Meter,
    spans,
    durations,
  };
}

beforeAll(() => {
  propagation.setGlobalPropagator({
    inject: (_context, carrier, setter) => setter.set(carrier, "traceparent", "00-aa-bb-01"),
    extract: (current) => current,
    fields: () => ["traceparent"],
  });
});
afterAll(() => propagation.disable());

test("each request is a span with its resends, its context goes along, and its duration is measured", async () => {
  const { tracer, meter, spans, durations } = recorder();
  const mock = new MockWire().on("GET", "/users", { status: 503 }, { error: "reset" }, {});
  await using http = mock.client({
    tracing: openTelemetry({ tracer, meter }),
    rng: { next: () => 0 },
  });

  await http.get("/users?token=secret");

  const common = {
    "http.request.method": "GET",
    "server.address": "mock.example",
    "server.port": 80,
  };
  const all = { ...common, "url.full": "http://mock.example/users" };
  expect(spans).toEqual([
    {
      name: "GET",
      kind: SpanKind.CLIENT,
      attributes: { ...all, "http.response.status_code": 503, "error.type": "503" },
      status: SpanStatusCode.ERROR,
      isEnded: true,
    },
    {
      name: "GET",
      kind: SpanKind.CLIENT,
      attributes: { ...all, "http.request.resend_count": 1, "error.type": "CONNECTION_LOST" },
      status: SpanStatusCode.ERROR,
      isEnded: true,
    },
    {
      name: "GET",
      kind: SpanKind.CLIENT,
      attributes: { ...all, "http.request.resend_count": 2, "http.response.status_code": 200 },
      isEnded: true,
    },
  ]);
  expect(durations.map(({ attributes }) => attributes)).toEqual([
    { ...common, "http.response.status_code": 503, "error.type": "503" },
    { ...common, "error.type": "CONNECTION_LOST" },
    { ...common, "http.response.status_code": 200 },
  ]);
  expect(durations.every(({ seconds }) => seconds >= 0)).toBe(true);
  expect(mock.requests.map(({ headers }) => headers.traceparent)).toEqual(
    Array(3).fill("00-aa-bb-01"),
  );
});

test("without an SDK it does nothing, and costs no error", async () => {
  const mock = new MockWire().on("GET", "/", {});
  await using http = mock.client({ tracing: openTelemetry() });

  expect(await http.get("/")).toMatchObject({ status: 200 });
});
