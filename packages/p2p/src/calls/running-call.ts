import { AbortScope, type Clock, type NetworkError } from "@net/core";
import type { Channel } from "../channel/channel.ts";
import type { Request } from "../wire/calls.ts";
import { OutgoingStream } from "./outgoing-stream.ts";

/** A tool at work for somebody else. */
export class RunningCall {
  readonly channel: Channel;
  /** The caller's number for it. */
  readonly call: number;
  readonly request: Request;
  /** It is over when nobody wants it any more. The ledger keeps the time of a call with a key. */
  readonly scope: AbortScope;
  #lost: AbortController | undefined;
  #stream: OutgoingStream | undefined;
  #isUnwanted = false;

  constructor(channel: Channel, call: number, request: Request, clock: Clock) {
    this.channel = channel;
    this.call = call;
    this.request = request;
    const deadlineMs = this.isKeyed ? undefined : request.deadlineMs;
    this.scope = new AbortScope({ deadlineMs, clock });
  }

  get isKeyed(): boolean {
    return this.request.idempotencyKey !== undefined;
  }

  /** Whether nobody waits for an answer. */
  get isUnwanted(): boolean {
    return this.#isUnwanted;
  }

  /** Aborts when the caller of a call with a key can no longer be reached. */
  get lost(): AbortSignal {
    this.#lost ??= new AbortController();
    return this.#lost.signal;
  }

  /** What it sends beside its result. */
  get stream(): OutgoingStream {
    this.#stream ??= new OutgoingStream(this.channel, this.call, this.scope);
    return this.#stream;
  }

  /** How urgent its answer is. */
  answerType(type: string): string {
    return this.#stream ? this.#stream.answerType(type) : type;
  }

  /** Nobody wants it any more. */
  abort(reason: NetworkError): void {
    this.#isUnwanted = true;
    this.scope.abort(reason);
  }

  /** Its caller can no longer be reached. Whoever had a key may come back with it. */
  lose(reason: NetworkError): void {
    this.#lost?.abort(reason);
    if (this.isKeyed) this.stream.window(undefined);
    else this.abort(reason);
  }
}
