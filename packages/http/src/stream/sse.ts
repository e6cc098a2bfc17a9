import {
  assertAmount,
  type Backoff,
  type Clock,
  exponential,
  NetworkError,
  ProtocolError,
  type Rng,
  sleep,
  ValidationError,
} from "@net/core";
import { HttpStatusError } from "../errors/status-error.ts";
import type { StreamOptions } from "../options/call-options.ts";
import { isReplayable } from "../request/body.ts";
import { withoutQuery } from "../request/url.ts";
import type { StreamResponse } from "../response/stream-response.ts";
import { batchesOf, EventStreamParser, type ServerSentEvent } from "./event-stream.ts";

export interface SseOptions extends StreamOptions {
  /**
   * Connect again where the stream ends or breaks, telling the server the last event's id; true for the defaults.
   * Default false: the loop ends, or throws. A server's 204 ends it for good.
   */
  readonly reconnect?: boolean | SseReconnectOptions | undefined;
  /** The longest event that is accepted, in characters. Default: the client's `maxBodyBytes`. */
  readonly maxEventBytes?: number | undefined;
  /** Where to go on: sent as `Last-Event-ID`. */
  readonly lastEventId?: string | undefined;
}

export interface SseReconnectOptions {
  /** Times in a row without an event. Default 10. */
  readonly max?: number | undefined;
  /** Wait before the first, in ms, unless the server says; doubling up to 30 s, with full jitter. Default 1000. */
  readonly delay?: number | undefined;
}

/** What of the client is needed. */
export interface SseContext {
  readonly stream: (url: string | URL, options: StreamOptions) => Promise<StreamResponse>;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly maxBodyBytes: number;
}

const EVENT_STREAM = "text/event-stream";
const eventStream = /^text\/event-stream\s*(;|$)/i;

/** Reads events, connecting again where asked. The request goes out when the first event is asked for. */
export async function* readEvents(
  context: SseContext,
  url: string | URL,
  options: SseOptions,
): AsyncGenerator<ServerSentEvent, void, undefined> {
  const { reconnect = false, signal } = options;
  const { max, backoff, maxEventBytes } = limitsOf(context, options);
  const canRepeat = reconnect !== false && isReplayable(options);
  let lastEventId = options.lastEventId ?? "";
  let retryMs: number | undefined;
  let failures = 0;
  for (;;) {
    let askedMs: number | undefined;
    const parser = new EventStreamParser(maxEventBytes, lastEventId);
    try {
      await using answer = await open(context, url, options, lastEventId);
      if (answer.status === 204) return;
      for await (const batch of batchesOf(answer, parser)) {
        if (batch.length > 0) failures = 0;
        for (const event of batch) yield event;
      }
      if (!canRepeat || ++failures > max) return;
    } catch (error) {
      if (!canRepeat || !isPassing(error) || ++failures > max) throw error;
      askedMs = error.details.retryAfterMs as number | undefined;
    }
    lastEventId = parser.lastEventId;
    retryMs = parser.retryMs ?? retryMs;
    const usualMs = failures <= 1 ? retryMs : undefined;
    const waitMs = askedMs ?? usualMs ?? backoff(Math.max(1, failures), context.rng);
    await sleep(waitMs, { signal, clock: context.clock });
  }
}

interface Limits {
  readonly max: number;
  readonly backoff: Backoff;
  readonly maxEventBytes: number;
}

/** @throws ValidationError naming the option that is out of range. */
function limitsOf(
  { maxBodyBytes }: SseContext,
  { reconnect, maxEventBytes = maxBodyBytes }: SseOptions,
): Limits {
  const { max = 10, delay = 1_000 } = typeof reconnect === "object" ? reconnect : {};
  if (!(max >= 0)) throw new ValidationError(`reconnect.max must be 0 or more, not ${max}`);
  if (!(maxEventBytes > 0)) {
    throw new ValidationError(`maxEventBytes must be more than 0, not ${maxEventBytes}`);
  }
  const initial = assertAmount(delay, "reconnect.delay");
  return { max, maxEventBytes, backoff: exponential({ initial }) };
}

/** On the wire a header is bytes, and an id is UTF-8 (HTML, "Server-sent events"). */
function asHeader(id: string): string {
  return Buffer.from(id).toString("latin1");
}

async function open(
  context: SseContext,
  url: string | URL,
  options: SseOptions,
  lastEventId: string,
): Promise<StreamResponse> {
  const headers = {
    accept: EVENT_STREAM,
    ...options.headers,
    ...(lastEventId !== "" && { "last-event-id": asHeader(lastEventId) }),
  };
  const answer = await context.stream(url, { ...options, headers, throwOnError: true });
  const type = answer.headers["content-type"];
  if (answer.status === 204 || (type !== undefined && eventStream.test(type))) return answer;
  await answer.close();
  throw new ProtocolError(
    `the answer to ${answer.method} ${withoutQuery(answer.url)} is no event stream but ${type ?? "of no type"}`,
  );
}

/** A broken connection, silence, a busy server: another time it may work. */
function isPassing(error: unknown): error is NetworkError {
  return (
    NetworkError.is(error) &&
    error.retryable &&
    (!HttpStatusError.is(error) || error.status !== 501)
  );
}
