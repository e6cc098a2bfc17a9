import {
  ConnectionError,
  type JsonObject,
  type Logger,
  NetworkError,
  OverloadedError,
  PermissionError,
  toNetworkError,
} from "@net/core";
import { isGranted } from "../admission/grants.ts";
import type { PeerLink } from "../links/peer-link.ts";
import type { PathWatch } from "../mesh/path-watch.ts";
import type { Post } from "../mesh/post.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import type { ToolExecutor } from "../tools/tool-executor.ts";
import { encodeError, type RequestHeader, readCallId, readRequest } from "../wire/calls.ts";
import { type Envelope, wayBack } from "../wire/envelope.ts";
import { FrameKind } from "../wire/kinds.ts";
import { decodePayload, encodePayload } from "../wire/payload.ts";

/** The most calls of other peers at the same time, over all tools. */
const MAX_INCOMING_CALLS = 1_024;

export interface IncomingCallsOptions {
  readonly tools: ToolExecutor;
  readonly post: Post;
  readonly paths: PathWatch;
  readonly logger: Logger;
}

/** Runs tools for other peers. */
export class IncomingCalls {
  readonly #options: IncomingCallsOptions;
  readonly #running = new Map<string, AbortController>();
  #closed = false;

  constructor(options: IncomingCallsOptions) {
    this.#options = options;
  }

  /** A call. It is answered, however it ends, unless its caller gave up or is gone. @throws ProtocolError */
  request(envelope: Envelope, from: PeerLink): void {
    const key = keyOf(envelope);
    if (!this.#closed && !this.#running.has(key)) void this.#serve(key, envelope, from);
  }

  /** The caller gave up. @throws ProtocolError if the frame is malformed. */
  cancel(envelope: Envelope): void {
    const reason = new NetworkError("ABORTED", `${envelope.origin} gave the call up`);
    this.#running.get(keyOf(envelope))?.abort(reason);
  }

  /** Ends all calls and takes no more; nobody is answered. */
  close(reason: NetworkError): void {
    this.#closed = true;
    for (const controller of this.#running.values()) controller.abort(reason);
  }

  async #serve(key: string, envelope: Envelope, from: PeerLink): Promise<void> {
    const controller = new AbortController();
    using _watch = this.#options.paths.watch(wayBack(envelope), () =>
      controller.abort(callerLost(envelope.origin)),
    );
    this.#running.set(key, controller);
    const outcome = await this.#run(envelope, from, controller.signal);
    this.#running.delete(key);
    if (!controller.signal.aborted) this.#answer(envelope, outcome);
  }

  async #run(envelope: Envelope, from: PeerLink, signal: AbortSignal): Promise<Outcome> {
    const { frame, origin } = envelope;
    let request: RequestHeader;
    let args: unknown;
    try {
      request = readRequest(frame.header);
      this.#assertAllowed(request.tool, frame.hop, from);
      args = decodePayload(frame.body);
    } catch (error) {
      return failure("not-run", toNetworkError(error));
    }
    const { tool, deadlineMs, context } = request;
    return await this.#options.tools.run(tool, args, {
      ...{ signal, deadlineMs, context, caller: { peerId: origin, hops: frame.hop } },
      onProgress: (value) => this.#progress(envelope, value),
    });
  }

  /** @throws OverloadedError, PermissionError */
  #assertAllowed(tool: string, hops: number, from: PeerLink): void {
    if (this.#running.size > MAX_INCOMING_CALLS) {
      throw new OverloadedError(`this peer runs ${MAX_INCOMING_CALLS} calls of others already`);
    }
    const permission = this.#options.tools.get(tool)?.permission;
    if (permission === undefined || (hops === 1 && isGranted(permission, from.grants))) return;
    const why = hops === 1 ? "no token grants it" : "a caller behind a relay cannot show one yet";
    throw new PermissionError(`${tool} asks for the permission ${permission}: ${why}`);
  }

  #progress(envelope: Envelope, value: unknown): void {
    if (!this.#running.has(keyOf(envelope))) return;
    try {
      this.#send(envelope, FrameKind.progress, {}, encodePayload(value));
    } catch (error) {
      this.#unsent(envelope, error);
    }
  }

  #answer(envelope: Envelope, outcome: Outcome): void {
    try {
      this.#reply(envelope, outcome);
    } catch (error) {
      this.#answerInstead(envelope, toNetworkError(error));
    }
  }

  /** The result cannot travel, is too large, or the queue is full: the caller gets to know that much. */
  #answerInstead(envelope: Envelope, error: NetworkError): void {
    try {
      if (!OverloadedError.is(error)) this.#reply(envelope, failure("failed", error));
      else this.#send(envelope, FrameKind.undelivered, { lost: "response" }, encodeError(error));
    } catch (failed) {
      this.#unsent(envelope, failed);
    }
  }

  #reply(envelope: Envelope, outcome: Outcome): void {
    const fields = outcome.ok ? { ok: true } : { ok: false, ran: outcome.fate !== "not-run" };
    const body = outcome.ok ? encodePayload(outcome.value) : encodeError(outcome.error);
    this.#send(envelope, FrameKind.response, fields, body);
  }

  #send(envelope: Envelope, kind: FrameKind, fields: JsonObject, body: Uint8Array): void {
    const id = readCallId(envelope.frame.header);
    this.#options.post.offer({ kind, path: wayBack(envelope), fields: { id, ...fields }, body });
  }

  #unsent({ origin }: Envelope, error: unknown): void {
    if (!NetworkError.is(error)) throw error;
    this.#options.logger.debug({ peerId: origin, error }, "a frame of a call was not sent");
  }
}

/** Ids hold no control characters. */
function keyOf({ origin, frame }: Envelope): string {
  return `${origin}\n${readCallId(frame.header)}`;
}

function callerLost(peerId: string): ConnectionError {
  return new ConnectionError(`the way to the caller, ${peerId}, was lost`, {
    ...{ code: "CONNECTION_LOST", phase: "open" },
  });
}
