import {
  ConnectionError,
  type Logger,
  NetworkError,
  OverloadedError,
  PermissionError,
  toNetworkError,
} from "@net/core";
import { isGranted } from "../admission/grants.ts";
import type { Channel } from "../channel/channel.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import {
  EndKind,
  type EndMessage,
  encodeFailure,
  encodeValue,
  readRequest,
  readWindow,
} from "../wire/calls.ts";
import { OutgoingStream } from "./outgoing-stream.ts";

/** How urgent answers are. */
const RESULT = "tool-result";

export interface IncomingCallsOptions {
  readonly tools: ToolExecutor;
  readonly logger: Logger;
  /** The most calls of other peers at the same time, over all tools. */
  readonly maxIncomingCalls: number;
}

/** A tool at work for somebody else. */
interface RunningCall {
  readonly controller: AbortController;
  readonly stream: OutgoingStream;
}

/** Runs tools for other peers. */
export class IncomingCalls {
  readonly #options: IncomingCallsOptions;
  readonly #running = new Map<Channel, Map<number, RunningCall>>();
  #count = 0;
  #closed = false;

  constructor(options: IncomingCallsOptions) {
    this.#options = options;
  }

  /** A call. It is answered, however it ends, unless its caller gave up or is gone. @throws ProtocolError */
  request(channel: Channel, call: number, message: EndMessage): void {
    if (this.#closed) return;
    const running = this.#ofChannel(channel);
    if (running.has(call)) throw repeated(call);
    const controller = new AbortController();
    const stream = new OutgoingStream(channel, call, controller.signal);
    running.set(call, { controller, stream });
    this.#count += 1;
    channel.begin();
    void this.#serve(channel, call, message, { controller, stream });
  }

  /** Somebody asks what there is. */
  describe(channel: Channel, call: number): void {
    const tools = this.#options.tools.definitions.map(({ name, description }) => ({
      name,
      description,
    }));
    this.#answer(channel, call, { ok: true, value: tools });
  }

  /** The caller gave up. */
  cancel(channel: Channel, call: number): void {
    const reason = new NetworkError("ABORTED", `${channel.peerId} gave the call up`);
    this.#running.get(channel)?.get(call)?.controller.abort(reason);
  }

  /** The caller has read of the stream. @throws ProtocolError if the message is malformed. */
  window(channel: Channel, call: number, message: EndMessage): void {
    const limitBytes = readWindow(message);
    this.#running.get(channel)?.get(call)?.stream.window(limitBytes);
  }

  /** Nobody at the other end of that channel can be answered any more. */
  lost(channel: Channel): void {
    const running = this.#running.get(channel);
    this.#running.delete(channel);
    for (const { controller } of running?.values() ?? [])
      controller.abort(callerLost(channel.peerId));
  }

  /** Ends all calls and takes no more; nobody is answered. */
  close(reason: NetworkError): void {
    this.#closed = true;
    for (const running of this.#running.values()) {
      for (const { controller } of running.values()) controller.abort(reason);
    }
  }

  #ofChannel(channel: Channel): Map<number, RunningCall> {
    const known = this.#running.get(channel);
    if (known) return known;
    const running = new Map<number, RunningCall>();
    this.#running.set(channel, running);
    return running;
  }

  async #serve(
    channel: Channel,
    call: number,
    message: EndMessage,
    running: RunningCall,
  ): Promise<void> {
    const outcome = await this.#run(channel, call, message, running);
    this.#running.get(channel)?.delete(call);
    this.#count -= 1;
    channel.end();
    if (!running.controller.signal.aborted) this.#answer(channel, call, outcome);
  }

  async #run(
    channel: Channel,
    call: number,
    message: EndMessage,
    { controller, stream }: RunningCall,
  ): Promise<Outcome> {
    try {
      const { tool, args, deadlineMs, context } = readRequest(message);
      this.#assertAllowed(tool, channel);
      return await this.#options.tools.run(tool, args, {
        ...{ signal: controller.signal, deadlineMs, context },
        caller: { peerId: channel.peerId, hops: channel.hops },
        onProgress: (value) => this.#progress(channel, call, value),
        onChunk: (value) => stream.send(value),
      });
    } catch (error) {
      return failure("not-run", toNetworkError(error));
    }
  }

  /** @throws OverloadedError, PermissionError */
  #assertAllowed(tool: string, { grants }: Channel): void {
    const { maxIncomingCalls, tools } = this.#options;
    if (this.#count > maxIncomingCalls) {
      throw new OverloadedError(`this peer runs ${maxIncomingCalls} calls of others already`);
    }
    const permission = tools.get(tool)?.permission;
    if (permission === undefined || isGranted(permission, grants)) return;
    throw new PermissionError(
      `${tool} asks for the permission ${permission}, and nothing that the caller has shown grants it`,
    );
  }

  #progress(channel: Channel, call: number, value: unknown): void {
    if (!this.#running.get(channel)?.has(call)) return;
    try {
      channel.offer(encodeValue(EndKind.progress, call, value), RESULT);
    } catch (error) {
      this.#unsent(channel, error);
    }
  }

  #answer(channel: Channel, call: number, outcome: Outcome): void {
    try {
      channel.offer(this.#encode(call, outcome), RESULT);
    } catch (error) {
      this.#answerInstead(channel, call, toNetworkError(error));
    }
  }

  /** The result cannot travel, is too large, or the queue is full: the caller gets to know that much. */
  #answerInstead(channel: Channel, call: number, error: NetworkError): void {
    try {
      channel.offer(encodeFailure(call, true, error), RESULT);
    } catch (failed) {
      this.#unsent(channel, failed);
    }
  }

  /** @throws ValidationError if it cannot travel. */
  #encode(call: number, outcome: Outcome): Uint8Array {
    if (!outcome.ok) return encodeFailure(call, outcome.fate !== "not-run", outcome.error);
    return encodeValue(EndKind.result, call, outcome.value);
  }

  #unsent({ peerId }: Channel, error: unknown): void {
    if (!NetworkError.is(error)) throw error;
    this.#options.logger.debug({ peerId, error }, "a message of a call was not sent");
  }
}

function repeated(call: number): NetworkError {
  return new NetworkError("PROTOCOL_ERROR", `call ${call} began twice`);
}

function callerLost(peerId: string): ConnectionError {
  return new ConnectionError(`the way to the caller, ${peerId}, was lost`, {
    ...{ code: "CONNECTION_LOST", phase: "open" },
  });
}
