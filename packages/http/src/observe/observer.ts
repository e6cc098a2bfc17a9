import { type Clock, type Logger, type NetworkError, toNetworkError } from "@net/core";
import type { Call } from "../call/call.ts";
import { inTime } from "../call/in-time.ts";
import type { RetryEvent } from "../policies/retry.ts";
import type { Sender } from "../policies/send.ts";
import { withoutQuery } from "../request/url.ts";
import type { Answer } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";
import { hasListeners, publishing } from "./channels.ts";
import type { HttpHooks, RequestEvent } from "./hooks.ts";
import { logging } from "./logging.ts";
import type { Trace, Tracing } from "./tracing.ts";

export interface ObserverOptions {
  readonly hooks: HttpHooks | readonly HttpHooks[] | undefined;
  readonly logger: Logger | undefined;
  readonly tracing: Tracing | undefined;
  readonly clock: Clock;
}

/** Tells hooks, logger, traces and channels what happens. Costs next to nothing where nobody wants to hear. */
export class Observer {
  readonly #hooks: readonly HttpHooks[];
  readonly #tracing: Tracing | undefined;
  readonly #clock: Clock;
  readonly #isWanted: boolean;

  constructor({ hooks = [], logger, tracing, clock }: ObserverOptions) {
    const given = [hooks].flat();
    this.#hooks = [...given, ...(logger ? [logging(logger)] : []), publishing];
    this.#isWanted = given.length > 0 || logger !== undefined || tracing !== undefined;
    this.#tracing = tracing;
    this.#clock = clock;
  }

  /** Around each request. */
  observing(next: Sender): Sender {
    return (call, send) =>
      this.#isWanted || hasListeners() ? this.#observed(next, call, send) : next(call, send);
  }

  retry(call: Call, send: Send, event: RetryEvent): void {
    for (const hooks of this.#hooks) hooks.onRetry?.({ ...requestEvent(call, send, 0), ...event });
  }

  redirect(call: Call, from: Send, to: Send, status: number): void {
    const event = { ...requestEvent(call, from, 0), status, to: withoutQuery(to.target.href) };
    for (const hooks of this.#hooks) hooks.onRedirect?.(event);
  }

  async #observed(next: Sender, call: Call, send: Send): Promise<Answer> {
    const event = requestEvent(call, send, 1);
    const trace = this.#tracing?.start(event);
    const startMs = this.#clock.monotonicMs();
    const durationMs = (): number => this.#clock.monotonicMs() - startMs;
    try {
      const answer = await next(call, await this.#announced(call, event, send, trace));
      this.#answered(event, answer, durationMs(), trace);
      return answer;
    } catch (cause) {
      const error = toNetworkError(cause, { doing: event.method, address: event.url });
      this.#failed(event, error, durationMs(), trace);
      throw cause;
    }
  }

  async #announced(
    { signal }: Call,
    event: RequestEvent,
    send: Send,
    trace: Trace | undefined,
  ): Promise<Send> {
    let headers = send.headers.with(trace?.headers);
    for (const hooks of this.#hooks) {
      headers = headers.with((await inTime(hooks.onRequest?.(event), signal)) ?? undefined);
    }
    return { ...send, headers };
  }

  #answered(
    event: RequestEvent,
    answer: Answer,
    durationMs: number,
    trace: Trace | undefined,
  ): void {
    const { status, headers } = answer;
    trace?.end({ status, durationMs });
    for (const hooks of this.#hooks) hooks.onResponse?.({ ...event, status, headers, durationMs });
  }

  #failed(
    event: RequestEvent,
    error: NetworkError,
    durationMs: number,
    trace: Trace | undefined,
  ): void {
    trace?.end({ error, durationMs });
    for (const hooks of this.#hooks) hooks.onError?.({ ...event, error, durationMs });
  }
}

/** @param more 1 for the request that comes next, 0 for the last. */
function requestEvent({ attempts }: Call, { method, target }: Send, more: 0 | 1): RequestEvent {
  return { method, url: withoutQuery(target.href), attempt: attempts + more };
}
