import {
  type Clock,
  ConnectionError,
  type Logger,
  NetworkError,
  NumberMap,
  OverloadedError,
  toNetworkError,
} from "@net/core";
import { assertMayCall } from "../admission/grants.ts";
import type { Channel } from "../channel/channel.ts";
import type { ResultLedger } from "../ledger/result-ledger.ts";
import { failure, type Outcome, success } from "../tools/outcome.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import { EndKind, type EndMessage, encodeValue, readRequest, readWindow } from "../wire/calls.ts";
import { Answers, RESULT } from "./answers.ts";
import { runKeyed, runOnce } from "./incoming-run.ts";
import { RunningCall } from "./running-call.ts";

export interface IncomingCallsOptions {
  readonly tools: ToolExecutor;
  /** What became of calls with a key. */
  readonly ledger: ResultLedger;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The most calls of other peers at the same time, over all tools. */
  readonly maxIncomingCalls: number;
}

/** Runs tools for other peers. */
export class IncomingCalls {
  readonly #options: IncomingCallsOptions;
  readonly #answers: Answers;
  readonly #running = new Map<Channel, NumberMap<RunningCall>>();
  #count = 0;
  #closed = false;

  constructor(options: IncomingCallsOptions) {
    this.#options = options;
    this.#answers = new Answers(options.logger);
  }

  /** A call. It is answered, however it ends, unless its caller gave up or is gone. @throws ProtocolError */
  request(channel: Channel, call: number, message: EndMessage): void {
    if (this.#closed) return;
    const calls = this.#ofChannel(channel);
    if (calls.has(call)) throw repeated(call);
    let running: RunningCall;
    try {
      const request = readRequest(message);
      this.#assertAllowed(request.tool, channel);
      running = new RunningCall(channel, call, request, this.#options.clock);
    } catch (error) {
      this.#answers.send({ channel, call, outcome: failure("not-run", toNetworkError(error)) });
      return;
    }
    calls.set(call, running);
    this.#count += 1;
    channel.begin();
    this.#serve(running);
  }

  /** Somebody asks what there is. */
  describe(channel: Channel, call: number): void {
    this.#answers.send({ channel, call, outcome: success(this.#options.tools.describeTools()) });
  }

  /** The caller gave up. */
  cancel(channel: Channel, call: number): void {
    const reason = new NetworkError("ABORTED", `${channel.peerId} gave the call up`);
    this.#running.get(channel)?.get(call)?.abort(reason);
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
    const reason = callerLost(channel.peerId);
    for (const call of running?.values() ?? []) call.lose(reason);
  }

  /** Ends all calls and takes no more; nobody is answered. */
  close(reason: NetworkError): void {
    this.#closed = true;
    for (const running of this.#running.values()) {
      for (const call of running.values()) call.abort(reason);
    }
  }

  #ofChannel(channel: Channel): NumberMap<RunningCall> {
    const known = this.#running.get(channel);
    if (known) return known;
    const running = new NumberMap<RunningCall>();
    this.#running.set(channel, running);
    return running;
  }

  #serve(running: RunningCall): void {
    const outcome = this.#run(running);
    if (outcome instanceof Promise) void outcome.then((later) => this.#ended(running, later));
    else this.#ended(running, outcome);
  }

  #ended(running: RunningCall, outcome: Outcome): void {
    const { channel, call, scope } = running;
    scope[Symbol.dispose]();
    this.#running.get(channel)?.delete(call);
    this.#count -= 1;
    channel.end();
    if (running.isUnwanted) return;
    this.#answers.send({ channel, call, outcome, type: running.answerType(RESULT) });
  }

  #run(running: RunningCall): Outcome | Promise<Outcome> {
    const { tools, ledger } = this.#options;
    const onProgress = (value: unknown): void => this.#progress(running, value);
    if (!running.isKeyed) return runOnce(tools, running, onProgress);
    return runKeyed(tools, ledger, running, onProgress).catch((error: unknown) =>
      failure("not-run", toNetworkError(error)),
    );
  }

  /** @throws OverloadedError, PermissionError */
  #assertAllowed(name: string, channel: Channel): void {
    const { rights } = channel;
    const { maxIncomingCalls, tools } = this.#options;
    if (this.#count >= maxIncomingCalls) {
      throw new OverloadedError(`this peer runs ${maxIncomingCalls} calls of others already`);
    }
    this.#answers.assertKeepsUp(channel);
    assertMayCall({ name, permission: tools.get(name)?.permission }, rights);
  }

  #progress({ channel, call }: RunningCall, value: unknown): void {
    if (!this.#running.get(channel)?.has(call)) return;
    try {
      channel.offer(encodeValue(EndKind.progress, call, value), RESULT);
    } catch (error) {
      this.#answers.unsent(channel, error);
    }
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
