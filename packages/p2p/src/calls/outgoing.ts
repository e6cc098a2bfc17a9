import { AbortScope, abortedError, type Clock, ConnectionError, toNetworkError } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { Channels } from "../mesh/channels.ts";
import { invalid } from "../names.ts";
import { stopped } from "../stopped.ts";
import { type Failure, failure, type Outcome, success } from "../tools/outcome.ts";
import {
  type EndMessage,
  type ExecutionContext,
  encodeDescribe,
  encodeRequest,
  encodeWindow,
  readFailure,
} from "../wire/calls.ts";
import type { CallQuality, TrackedCall } from "./call-quality.ts";
import type { IncomingStream } from "./incoming-stream.ts";
import { Line } from "./line.ts";
import { type CallStart, PendingCall, tell } from "./pending-call.ts";

/** How urgent a call is, beside others to the same peer. */
export type CallPriority = "high" | "normal" | "low";

/** One call to one peer. */
export interface Invocation {
  readonly tool: string;
  readonly args: unknown;
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
  /** What bounds it, in place of a signal and a deadline: calls that have one already need no second. */
  readonly limit?: AbortScope | undefined;
  /** Says that asking again with the same key does not run it again, see the ledger. */
  readonly idempotencyKey?: string | undefined;
  readonly context?: ExecutionContext | undefined;
  /** Default `high`. A `low` one goes beside others through relays, and never before them. */
  readonly priority?: CallPriority | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
  /** Takes the chunks of a tool that streams. Default: they are not wanted. */
  readonly stream?: IncomingStream | undefined;
}

/** How it ended, and over how many links it went. */
export type RemoteOutcome = Outcome & { readonly hops: number };

export interface OutgoingCallsOptions {
  readonly channels: Channels;
  readonly quality: CallQuality;
  readonly clock: Clock;
}

const NO_CONTEXT: ExecutionContext = {};
const types: Readonly<Record<CallPriority, string>> = {
  high: "tool-call",
  normal: "message",
  low: "bulk",
};

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
    const tracked = this.#options.quality.start(peerId, invocation.tool);
    try {
      this.#assertMayCall(invocation);
      assertDeadline(invocation.deadlineMs);
      const channel = this.#options.channels.get(peerId, invocation.priority === "low");
      if (channel) return this.#ask(channel, invocation, leftOf(invocation, 0), tracked);
    } catch (error) {
      return Promise.resolve(this.#notSent(error, peerId, invocation, tracked));
    }
    return this.#reach(peerId, invocation, tracked);
  }

  /** The tools of that peer, as it describes them. @throws as a call would be answered. */
  async describe(peerId: string, signal?: AbortSignal): Promise<unknown> {
    const { channels } = this.#options;
    this.#assertMayCall({ signal });
    const using = signal ?? new AbortController().signal;
    const channel = channels.get(peerId, false) ?? (await channels.open(peerId, false, using));
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    this.#start(channel, { type: "tool-call", signal, encode: encodeDescribe }, resolve);
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
  async #reach(
    peerId: string,
    invocation: Invocation,
    tracked: TrackedCall,
  ): Promise<RemoteOutcome> {
    const { clock } = this.#options;
    const startMs = clock.monotonicMs();
    try {
      const channel = await this.#open(peerId, invocation);
      const leftMs = leftOf(invocation, clock.monotonicMs() - startMs);
      return await this.#ask(channel, invocation, leftMs, tracked);
    } catch (error) {
      return this.#notSent(error, peerId, invocation, tracked);
    }
  }

  #ask(
    channel: Channel,
    invocation: Invocation,
    deadlineMs: number | undefined,
    tracked: TrackedCall,
  ): Promise<RemoteOutcome> {
    const { tool, args, idempotencyKey, context = NO_CONTEXT, priority = "high" } = invocation;
    const { signal, limit, onProgress, stream } = invocation;
    const { hops } = channel;
    const { promise, resolve } = Promise.withResolvers<RemoteOutcome>();
    const over = (outcome: Outcome): void => {
      tracked.end(outcome);
      resolve(travelled(outcome, hops));
    };
    const encode = (call: number): Uint8Array =>
      encodeRequest(call, { tool, args, deadlineMs, idempotencyKey, context });
    const type = types[priority];
    this.#start(channel, { type, encode, signal, deadlineMs, limit, onProgress, stream }, over);
    return promise;
  }

  /** Sends a question; what became of it is told once. */
  #start(channel: Channel, start: CallStart, over: (outcome: Outcome) => void): void {
    const pending = new PendingCall(this.#line(channel), start, this.#options.clock, over);
    const { call } = pending;
    start.stream?.connect((limitBytes) => tell(channel, encodeWindow(call, limitBytes)));
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

  async #open(peerId: string, invocation: Invocation): Promise<Channel> {
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

  #notSent(
    error: unknown,
    peerId: string,
    invocation: Invocation,
    tracked: TrackedCall,
  ): RemoteOutcome {
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

function travelled(outcome: Outcome, hops: number): RemoteOutcome {
  return outcome.ok ? { ok: true, value: outcome.value, hops } : { ...outcome, hops };
}

/** @throws ValidationError */
function assertDeadline(deadlineMs: number | undefined): void {
  if (deadlineMs === undefined || deadlineMs >= 0) return;
  throw invalid("deadlineMs", "0 or more");
}

/** What is left of its time; undefined if there is no limit to it. */
function leftOf({ deadlineMs, limit }: Invocation, spentMs: number): number | undefined {
  const leftMs = limit ? limit.remainingMs() : (deadlineMs ?? Number.POSITIVE_INFINITY) - spentMs;
  return leftMs === Number.POSITIVE_INFINITY ? undefined : Math.max(0, leftMs);
}

function wayLost(peerId: string): ConnectionError {
  return new ConnectionError(`the way to ${peerId} was lost before it answered`, {
    ...{ code: "CONNECTION_LOST", phase: "open", details: { peerId } },
  });
}
