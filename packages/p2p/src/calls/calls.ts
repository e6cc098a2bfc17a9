import type { Clock, Logger } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { ResultLedger } from "../ledger/result-ledger.ts";
import type { Channels } from "../mesh/channels.ts";
import { stopped } from "../stopped.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import { callOf, EndKind, type EndMessage } from "../wire/calls.ts";
import { CallQuality } from "./call-quality.ts";
import { IncomingCalls } from "./incoming.ts";
import { OutgoingCalls } from "./outgoing.ts";
import type { Invocation, OnOutcome, RemoteOutcome } from "./question.ts";

export interface CallsOptions {
  readonly self: string;
  readonly tools: ToolExecutor;
  readonly ledger: ResultLedger;
  readonly channels: Channels;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly maxIncomingCalls: number;
}

/** Calls in both directions. */
export class Calls {
  readonly quality: CallQuality;
  readonly #self: string;
  readonly #tools: ToolExecutor;
  readonly #clock: Clock;
  readonly #outgoing: OutgoingCalls;
  readonly #incoming: IncomingCalls;

  constructor(options: CallsOptions) {
    const { self, tools, clock } = options;
    this.quality = new CallQuality(clock);
    this.#self = self;
    this.#tools = tools;
    this.#clock = clock;
    this.#outgoing = new OutgoingCalls({ ...options, quality: this.quality });
    this.#incoming = new IncomingCalls(options);
  }

  /** Calls a tool of any peer, this one too. */
  invoke(peerId: string, invocation: Invocation): Promise<RemoteOutcome> {
    if (peerId === this.#self) return this.#invokeHere(invocation);
    return this.#outgoing.invoke(peerId, invocation);
  }

  /** As {@link Calls.invoke}, without a promise. @param onOutcome called once, maybe before this returns. */
  ask(peerId: string, invocation: Invocation, onOutcome: OnOutcome): void {
    if (peerId !== this.#self) this.#outgoing.ask(peerId, invocation, onOutcome);
    else void this.#askHere(invocation, onOutcome);
  }

  /** What that peer's tools are like. */
  async describe(peerId: string, signal?: AbortSignal): Promise<unknown> {
    return await this.#outgoing.describe(peerId, signal);
  }

  /** Takes a message of a call. @throws ProtocolError if it is malformed. */
  message(channel: Channel, message: EndMessage, bytes: number): void {
    const incoming = this.#incoming;
    const outgoing = this.#outgoing;
    const call = callOf(message);
    const kind = message[0];
    const value = message[2];
    if (kind === EndKind.request) incoming.request(channel, call, message);
    else if (kind === EndKind.result) outgoing.result(channel, call, value);
    else if (kind === EndKind.failure) outgoing.failed(channel, call, message);
    else if (kind === EndKind.chunk) outgoing.chunk(channel, call, value, bytes);
    else if (kind === EndKind.progress) outgoing.progress(channel, call, value);
    else if (kind === EndKind.window) incoming.window(channel, call, message);
    else if (kind === EndKind.cancel) incoming.cancel(channel, call);
    else if (kind === EndKind.describe) incoming.describe(channel, call);
  }

  /** How long the oldest call over that channel waits for its answer, in ms; undefined if none does. */
  oldestUnansweredMs(channel: Channel): number | undefined {
    return this.#outgoing.oldestUnansweredMs(channel);
  }

  /** That channel has ended. */
  lost(channel: Channel): void {
    this.#outgoing.lost(channel);
    this.#incoming.lost(channel);
  }

  /** Ends all calls, in both directions. */
  close(): void {
    this.#outgoing.close();
    this.#incoming.close(stopped());
  }

  async #askHere(invocation: Invocation, onOutcome: OnOutcome): Promise<void> {
    const outcome = await this.#invokeHere(invocation);
    onOutcome(outcome, this.#clock.monotonicMs());
  }

  async #invokeHere({ tool, args, stream, ...options }: Invocation): Promise<RemoteOutcome> {
    const caller = { peerId: this.#self, hops: 0 };
    const onChunk = stream && ((value: unknown) => stream.handed(value));
    return { ...(await this.#tools.run(tool, args, { ...options, caller, onChunk })), hops: 0 };
  }
}
