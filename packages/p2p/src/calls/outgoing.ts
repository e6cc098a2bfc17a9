import {
  abortedError,
  type Clock,
  ConnectionError,
  deadline,
  NetworkError,
  toNetworkError,
} from "@net/core";
import { type Channel, CONTROL } from "../channel/channel.ts";
import type { Channels } from "../mesh/channels.ts";
import { invalid } from "../names.ts";
import { stopped } from "../stopped.ts";
import { failure, type Outcome, success } from "../tools/outcome.ts";
import {
  type EndMessage,
  type ExecutionContext,
  encodeCancel,
  encodeDescribe,
  encodeRequest,
  encodeWindow,
  readFailure,
} from "../wire/calls.ts";
import type { CallQuality } from "./call-quality.ts";
import type { IncomingStream } from "./incoming-stream.ts";
import { type CallStart, PendingCall } from "./pending-call.ts";

/** How urgent a call is, beside others to the same peer. */
export type CallPriority = "high" | "normal" | "low";

/** One call to one peer. */
export interface Invocation {
  readonly tool: string;
  readonly args: unknown;
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
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

/** The calls of this peer on one channel that have no answer yet. An answer counts only on the channel of its call. */
interface Line {
  readonly pending: Map<number, PendingCall>;
  lastCall: number;
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
  async invoke(peerId: string, invocation: Invocation): Promise<RemoteOutcome> {
    const tracked = this.#options.quality.start(peerId, invocation.tool);
    const outcome = await this.#reach(peerId, invocation);
    tracked.end(outcome);
    return outcome;
  }

  /** The tools of that peer, as it describes them. @throws as a call would be answered. */
  async describe(peerId: string, signal?: AbortSignal): Promise<unknown> {
    const { channels } = this.#options;
    this.#assertMayCall(signal);
    const using = signal ?? new AbortController().signal;
    const channel = channels.get(peerId, false) ?? (await channels.open(peerId, false, using));
    const outcome = await this.#start(channel, {
      type: "tool-call",
      signal,
      encode: encodeDescribe,
    });
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
    const [oldest] = this.#lines.get(channel)?.pending.values() ?? [];
    return oldest && this.#options.clock.monotonicMs() - oldest.startMs;
  }

  /** No answer will come over that channel. */
  lost(channel: Channel): void {
    const line = this.#lines.get(channel);
    if (!line) return;
    this.#lines.delete(channel);
    for (const call of [...line.pending.values()])
      call.settle(failure("lost", wayLost(channel.peerId)));
  }

  /** Ends all calls, those to come too, with a `ClosedError`. */
  close(): void {
    this.#closed = true;
    for (const { pending } of this.#lines.values()) {
      for (const call of [...pending.values()]) call.settle(failure("given-up", stopped()));
    }
  }

  async #reach(peerId: string, invocation: Invocation): Promise<RemoteOutcome> {
    const { clock, channels } = this.#options;
    const { signal, deadlineMs, priority = "high" } = invocation;
    const startMs = clock.monotonicMs();
    let hops = 0;
    try {
      this.#assertMayCall(signal);
      assertDeadline(deadlineMs);
      const bulk = priority === "low";
      const channel = channels.get(peerId, bulk) ?? (await this.#open(peerId, bulk, invocation));
      hops = channel.hops;
      const leftMs = leftOf(deadlineMs, clock.monotonicMs() - startMs);
      return { ...(await this.#exchange(channel, invocation, leftMs)), hops };
    } catch (error) {
      return { ...this.#notSent(error, peerId, signal), hops };
    }
  }

  #exchange(
    channel: Channel,
    invocation: Invocation,
    deadlineMs: number | undefined,
  ): Promise<Outcome> {
    const { tool, args, idempotencyKey, context = NO_CONTEXT, priority = "high" } = invocation;
    const { signal, onProgress, stream } = invocation;
    const encode = (call: number): Uint8Array =>
      encodeRequest(call, { tool, args, deadlineMs, idempotencyKey, context });
    const type = types[priority];
    return this.#start(channel, { type, encode, signal, deadlineMs, onProgress, stream });
  }

  /** Sends a question, and gives what became of it. */
  #start(channel: Channel, start: CallStart): Promise<Outcome> {
    const line = this.#line(channel);
    const call = ++line.lastCall;
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const over = (outcome: Outcome): void => {
      line.pending.delete(call);
      channel.end();
      resolve(outcome);
    };
    const pending = new PendingCall(start, this.#options.clock, over, () =>
      this.#cancel(channel, call),
    );
    line.pending.set(call, pending);
    channel.begin();
    start.stream?.connect((limitBytes) => this.#tell(channel, encodeWindow(call, limitBytes)));
    pending.send(channel, start.encode, call, start.type);
    return promise;
  }

  #line(channel: Channel): Line {
    const known = this.#lines.get(channel);
    if (known) return known;
    const line: Line = { pending: new Map(), lastCall: 0 };
    this.#lines.set(channel, line);
    return line;
  }

  #find(channel: Channel, call: number): PendingCall | undefined {
    return this.#lines.get(channel)?.pending.get(call);
  }

  async #open(peerId: string, bulk: boolean, { signal, deadlineMs }: Invocation): Promise<Channel> {
    using limit = deadline(deadlineMs, signal, { clock: this.#options.clock });
    return await this.#options.channels.open(peerId, bulk, limit.signal);
  }

  #assertMayCall(signal: AbortSignal | undefined): void {
    if (this.#closed) throw stopped();
    if (signal?.aborted) throw abortedError(signal);
  }

  #notSent(error: unknown, peerId: string, signal: AbortSignal | undefined): Outcome {
    if (signal?.aborted) return failure("given-up", abortedError(signal));
    if (this.#closed) return failure("not-run", stopped());
    const known = toNetworkError(error, { doing: "call", address: peerId });
    const isOver = known.code === "ABORTED" || known.code === "DEADLINE_EXCEEDED";
    return failure(isOver ? "given-up" : "not-run", known);
  }

  /** A courtesy: if it does not arrive, nobody waits for the answer all the same. */
  #cancel(channel: Channel, call: number): void {
    this.#tell(channel, encodeCancel(call));
  }

  #tell(channel: Channel, message: Uint8Array): void {
    try {
      if (channel.isOpen) channel.offer(message, CONTROL);
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
    }
  }
}

/** @throws ValidationError */
function assertDeadline(deadlineMs: number | undefined): void {
  if (deadlineMs === undefined || deadlineMs >= 0) return;
  throw invalid("deadlineMs", "0 or more");
}

/** What is left of a deadline; undefined if there is none. */
function leftOf(deadlineMs: number | undefined, spentMs: number): number | undefined {
  if (deadlineMs === undefined || deadlineMs === Number.POSITIVE_INFINITY) return undefined;
  return Math.max(0, deadlineMs - spentMs);
}

function wayLost(peerId: string): ConnectionError {
  return new ConnectionError(`the way to ${peerId} was lost before it answered`, {
    ...{ code: "CONNECTION_LOST", phase: "open", details: { peerId } },
  });
}
