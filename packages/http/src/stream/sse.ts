import { type Clock, exponential, NetworkError, ProtocolError, type Rng, sleep } from "@net/core";
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
  const { reconnect = false, maxEventBytes = context.maxBodyBytes, signal } = options;
  const { max = 10, delay = 1_000 } = reconnect === true || !reconnect ? {} : reconnect;
  const backoff = exponential({ initial: delay });
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

async function open(
  context: SseContext,
  url: string | URL,
  options: SseOptions,
  lastEventId: string,
): Promise<StreamResponse> {
  const headers = {
    accept: EVENT_STREAM,
    ...options.headers,
    ...(lastEventId !== "" && { "last-event-id": lastEventId }),
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
