import { AbortScope, abortedError, type Clock, ConnectionError, toNetworkError } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { Channels } from "../mesh/channels.ts";
import { invalid } from "../names.ts";
import { stopped } from "../stopped.ts";
import { type Failure, failure, type Outcome, success } from "../tools/outcome.ts";
import { type EndMessage, encodeDescribe, encodeWindow, readFailure } from "../wire/calls.ts";
import type { CallQuality, TrackedCall } from "./call-quality.ts";
import { Line } from "./line.ts";
import { PendingCall, tell } from "./pending-call.ts";
import {
  type Invocation,
  type OnOutcome,
  type Question,
  type RemoteOutcome,
  ToolQuestion,
} from "./question.ts";

export interface OutgoingCallsOptions {
  readonly channels: Channels;
  readonly quality: CallQuality;
  readonly clock: Clock;
}

/** A call of a tool that was begun. */
interface AskedCall {
  readonly peerId: string;
  readonly invocation: Invocation;
  /** By the clock's monotonic time. */
  readonly startMs: number;
  readonly tracked: TrackedCall;
}

/** Calls tools of other peers. */
export class OutgoingCalls {
  readonly #options: OutgoingCallsOptions;
  readonly #lines = new Map<Channel, Line>();
  #closed = false;

  constructor(options: OutgoingCallsOptions) {
    this.#options = options;
  }

  /** Calls, and waits for the end, whatever it is; never rejects for any reason of the call's. */
  invoke(peerId: string, invocation: Invocation): Promise<RemoteOutcome> {
    return new Promise((resolve) => this.ask(peerId, invocation, resolve));
  }

  /** As {@link OutgoingCalls.invoke}, without a promise. @param onOutcome called once, maybe before this returns. */
  ask(peerId: string, invocation: Invocation, onOutcome: OnOutcome): void {
    const { quality, clock } = this.#options;
    const startMs = invocation.startMs ?? clock.monotonicMs();
    const tracked = quality.start(peerId, invocation.tool, startMs);
    const asked = { peerId, invocation, startMs, tracked };
    try {
      this.#assertMayCall(invocation);
      assertDeadline(invocation.deadlineMs);
      const channel = this.#options.channels.get(peerId, invocation.priority === "low");
      if (channel) {
        this.#start(channel, asked, startMs, onOutcome);
        return;
      }
    } catch (error) {
      onOutcome(this.#notSent(error, asked), clock.monotonicMs());
      return;
    }
    void this.#reach(asked).then((outcome) => onOutcome(outcome, clock.monotonicMs()));
  }

  /** The tools of that peer, as it describes them. @throws as a call would be answered. */
  async describe(peerId: string, signal?: AbortSignal): Promise<unknown> {
    const { channels } = this.#options;
    this.#assertMayCall({ signal });
    const using = signal ?? new AbortController().signal;
    const channel = channels.get(peerId, false) ?? (await channels.open(peerId, false, using));
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const question = { type: "tool-call", signal, encode: encodeDescribe, over: resolve };
    this.#send(channel, question, this.#options.clock.monotonicMs());
    const outcome = await promise;
    if (outcome.ok) return outcome.value;
    throw outcome.error;
  }

  /** The result of a call, as it came. */
  result(channel: Channel, call: number, value: unknown): void {
    this.#find(channel, call)?.settle(success(value));
  }

  /** @throws ProtocolError if the message is malformed. */
  failed(channel: Channel, call: number, message: EndMessage): void {
    const pending = this.#find(channel, call);
    if (!pending) return;
    const { ran, error } = readFailure(message);
    pending.settle(failure(ran ? "failed" : "not-run", error));
  }

  progress(channel: Channel, call: number, value: unknown): void {
    this.#find(channel, call)?.onProgress?.(value);
  }

  /** @throws ProtocolError if the caller has allowed less. */
  chunk(channel: Channel, call: number, value: unknown, bytes: number): void {
    this.#find(channel, call)?.stream?.arrived(value, bytes);
  }

  /** How long the oldest call over that channel waits for its answer, in ms; undefined if none does. */
  oldestUnansweredMs(channel: Channel): number | undefined {
    const oldestMs = this.#lines.get(channel)?.oldestMs;
    return oldestMs === undefined ? undefined : this.#options.clock.monotonicMs() - oldestMs;
  }

  /** No answer will come over that channel. */
  lost(channel: Channel): void {
    const line = this.#lines.get(channel);
    this.#lines.delete(channel);
    line?.settle(failure("lost", wayLost(channel.peerId)));
  }

  /** Ends all calls, those to come too, with a `ClosedError`. */
  close(): void {
    this.#closed = true;
    for (const line of this.#lines.values()) line.settle(failure("given-up", stopped()));
  }

  /** There is no way to the peer yet, or not any more. */
  async #reach(asked: AskedCall): Promise<RemoteOutcome> {
    const { clock } = this.#options;
    try {
      const channel = await this.#open(asked);
      return await new Promise((resolve) =>
        this.#start(channel, asked, clock.monotonicMs(), resolve),
      );
    } catch (error) {
      return this.#notSent(error, asked);
    }
  }

  #start(channel: Channel, asked: AskedCall, nowMs: number, onOutcome: OnOutcome): void {
    const { invocation, tracked } = asked;
    const leftMs = leftOf(asked, nowMs);
    this.#send(
      channel,
      new ToolQuestion(invocation, leftMs, channel.hops, tracked, onOutcome),
      nowMs,
    );
  }

  #send(channel: Channel, question: Question, nowMs: number): void {
    const pending = new PendingCall(this.#line(channel), question, this.#options.clock, nowMs);
    const { call } = pending;
    question.stream?.connect((limitBytes) => tell(channel, encodeWindow(call, limitBytes)));
    pending.send();
  }

  #line(channel: Channel): Line {
    const known = this.#lines.get(channel);
    if (known) return known;
    const line = new Line(channel);
    this.#lines.set(channel, line);
    return line;
  }

  #find(channel: Channel, call: number): PendingCall | undefined {
    return this.#lines.get(channel)?.find(call);
  }

  async #open({ peerId, invocation }: AskedCall): Promise<Channel> {
    const { signal, deadlineMs, limit, priority } = invocation;
    const { clock, channels } = this.#options;
    using within = new AbortScope({ deadlineMs, within: limit ?? signal, clock });
    return await channels.open(peerId, priority === "low", within.signal);
  }

  #assertMayCall({ signal, limit }: Pick<Invocation, "signal" | "limit">): void {
    if (this.#closed) throw stopped();
    if (limit?.error) throw limit.error;
    if (signal?.aborted) throw abortedError(signal);
  }

  #notSent(error: unknown, { peerId, invocation, tracked }: AskedCall): RemoteOutcome {
    const outcome = this.#whyNotSent(error, peerId, invocation);
    tracked.end(outcome);
    return { ...outcome, hops: 0 };
  }

  #whyNotSent(error: unknown, peerId: string, { signal, limit }: Invocation): Failure {
    if (limit?.error) return failure("given-up", limit.error);
    if (signal?.aborted) return failure("given-up", abortedError(signal));
    if (this.#closed) return failure("not-run", stopped());
    const known = toNetworkError(error, { doing: "call", address: peerId });
    const isOver = known.code === "ABORTED" || known.code === "DEADLINE_EXCEEDED";
    return failure(isOver ? "given-up" : "not-run", known);
  }
}

/** @throws ValidationError */
function assertDeadline(deadlineMs: number | undefined): void {
  if (deadlineMs === undefined || deadlineMs >= 0) return;
  throw invalid("deadlineMs", "0 or more");
}

/** What is left of its time; undefined if there is no limit to it. */
function leftOf({ invocation, startMs }: AskedCall, nowMs: number): number | undefined {
  const { deadlineMs = Number.POSITIVE_INFINITY, limit } = invocation;
  const leftMs = limit ? limit.remainingMs(nowMs) : deadlineMs - (nowMs - startMs);
  return leftMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, leftMs);
}

function wayLost(peerId: string): ConnectionError {
  return new ConnectionError(`the way to ${peerId} was lost before it answered`, {
    ...{ code: "CONNECTION_LOST", phase: "open", details: { peerId } },
  });
}
