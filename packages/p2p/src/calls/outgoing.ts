import {
  abortable,
  abortedError,
  type Clock,
  ClosedError,
  ConnectionError,
  type Deadline,
  deadline,
  NetworkError,
  type Rng,
  toNetworkError,
} from "@net/core";
import type { PathWatch } from "../mesh/path-watch.ts";
import type { Post } from "../mesh/post.ts";
import type { Routes } from "../mesh/routes.ts";
import { stopped } from "../stopped.ts";
import { failure, type Outcome, success } from "../tools/outcome.ts";
import {
  decodeError,
  type ExecutionContext,
  readCallId,
  readResponse,
  readUndelivered,
  requestFields,
} from "../wire/calls.ts";
import { type Envelope, leadsBack, type Path } from "../wire/envelope.ts";
import type { Frame } from "../wire/frame.ts";
import { FrameKind } from "../wire/kinds.ts";
import { decodePayload, encodePayload } from "../wire/payload.ts";
import type { CallQuality } from "./call-quality.ts";

/** One call to one peer. */
export interface Invocation {
  readonly tool: string;
  readonly args: unknown;
  readonly signal?: AbortSignal | undefined;
  /** From now, in ms; default none. */
  readonly deadlineMs?: number | undefined;
  readonly idempotencyKey?: string | undefined;
  readonly context?: ExecutionContext | undefined;
  readonly onProgress?: ((value: unknown) => void) | undefined;
}

/** How it ended, and over how many links it went. */
export type RemoteOutcome = Outcome & { readonly hops: number };

export interface OutgoingCallsOptions {
  readonly post: Post;
  readonly routes: Routes;
  readonly paths: PathWatch;
  readonly quality: CallQuality;
  readonly clock: Clock;
  readonly rng: Rng;
}

/** A call that has no answer yet. */
interface PendingCall {
  readonly path: Path;
  readonly settle: (outcome: Outcome) => void;
  readonly onProgress: ((value: unknown) => void) | undefined;
}

/** Calls tools of other peers. An answer counts only if it comes back the way the call went. */
export class OutgoingCalls {
  readonly #options: OutgoingCallsOptions;
  readonly #pending = new Map<string, PendingCall>();
  /** So that the calls of this peer are told from those before it was started anew. */
  readonly #idPrefix: string;
  #count = 0;
  #closed = false;

  constructor(options: OutgoingCallsOptions) {
    this.#options = options;
    this.#idPrefix = Math.floor(options.rng.next() * 2 ** 32).toString(36);
  }

  /** Calls, and waits for the end, whatever it is; never rejects for any reason of the call's. */
  async invoke(peerId: string, invocation: Invocation): Promise<RemoteOutcome> {
    const { clock, quality, routes } = this.#options;
    using limit = deadline(invocation.deadlineMs, invocation.signal, { clock });
    const tracked = quality.start(peerId);
    let path: Path = [peerId];
    let outcome: Outcome;
    try {
      if (this.#closed) throw stopped();
      if (limit.signal.aborted) throw abortedError(limit.signal);
      path = routes.to(peerId);
      outcome = await this.#exchange(path, invocation, limit);
    } catch (error) {
      outcome = this.#notSent(error, peerId, limit);
    }
    tracked.end(outcome);
    return { ...outcome, hops: path.length - 1 };
  }

  /** The end of a call. @throws ProtocolError if the frame is malformed. */
  response({ frame, path }: Envelope): void {
    const call = this.#find(readCallId(frame.header), path);
    if (call && path.length === call.path.length) call.settle(readOutcome(frame));
  }

  /** How far a tool is. @throws ProtocolError if the frame is malformed. */
  progress({ frame, path }: Envelope): void {
    const call = this.#find(readCallId(frame.header), path);
    call?.onProgress?.(decodePayload(frame.body));
  }

  /** A relay could not pass on the request or the response. @throws ProtocolError if the frame is malformed. */
  undelivered({ frame, path }: Envelope): void {
    const { id, lost } = readUndelivered(frame.header);
    const fate = lost === "request" ? "not-run" : "lost";
    this.#find(id, path)?.settle(failure(fate, readError(frame)));
  }

  /** Ends all calls, those to come too, with a `ClosedError`. */
  close(): void {
    this.#closed = true;
    for (const { settle } of this.#pending.values()) settle(failure("given-up", stopped()));
  }

  async #exchange(path: Path, invocation: Invocation, limit: Deadline): Promise<Outcome> {
    const { post, paths } = this.#options;
    const id = `${this.#idPrefix}-${++this.#count}`;
    const { promise, resolve: settle } = Promise.withResolvers<Outcome>();
    using _pending = this.#expect(id, { path, settle, onProgress: invocation.onProgress });
    using _watch = paths.watch(path, () => settle(failure("lost", pathLost(path))));
    const body = encodePayload(invocation.args);
    const fields = requestFields({ id, ...describe(invocation, limit) });
    await post.send({ kind: FrameKind.request, path, fields, body }, limit.signal);
    try {
      return await abortable(promise, limit.signal);
    } catch {
      // Only the limit can have ended the wait.
      this.#cancel(id, path);
      return failure("given-up", abortedError(limit.signal));
    }
  }

  #expect(id: string, call: PendingCall): Disposable {
    this.#pending.set(id, call);
    return { [Symbol.dispose]: () => this.#pending.delete(id) };
  }

  #find(id: string, back: Path): PendingCall | undefined {
    const call = this.#pending.get(id);
    return call && leadsBack(back, call.path) ? call : undefined;
  }

  #notSent(error: unknown, peerId: string, limit: Deadline): Outcome {
    if (limit.signal.aborted) return failure("given-up", abortedError(limit.signal));
    if (this.#closed) return failure("not-run", stopped());
    if (ClosedError.is(error)) return failure("not-run", connectionLost(peerId, error));
    return failure("not-run", toNetworkError(error, { doing: "call", address: peerId }));
  }

  /** A courtesy: if it does not arrive, nobody waits for the answer all the same. */
  #cancel(id: string, path: Path): void {
    try {
      this.#options.post.offer({ kind: FrameKind.cancel, path, fields: { id } });
    } catch (error) {
      if (!NetworkError.is(error)) throw error;
    }
  }
}

function describe(
  { tool, idempotencyKey, context = {} }: Invocation,
  limit: Deadline,
): Omit<Parameters<typeof requestFields>[0], "id"> {
  const remainingMs = limit.remainingMs();
  const deadlineMs = Number.isFinite(remainingMs) ? remainingMs : undefined;
  return { tool, deadlineMs, idempotencyKey, context };
}

/** A response that cannot be read is the end of its call too: no other one will come. */
function readOutcome(frame: Frame): Outcome {
  try {
    const response = readResponse(frame.header);
    if (response.ok) return success(decodePayload(frame.body));
    return failure(response.ran ? "failed" : "not-run", readError(frame));
  } catch (error) {
    return failure("failed", toNetworkError(error));
  }
}

/** The error that a frame brought, or what is wrong with it. */
function readError(frame: Frame): NetworkError {
  try {
    return decodeError(frame);
  } catch (error) {
    return toNetworkError(error);
  }
}

function pathLost(path: Path): NetworkError {
  return connectionLost(path.at(-1) as string);
}

function connectionLost(peerId: string, cause?: NetworkError): ConnectionError {
  return new ConnectionError(`the way to ${peerId} was lost before it answered`, {
    ...{ code: "CONNECTION_LOST", phase: "open", details: { peerId } },
    ...(cause && { cause }),
  });
}
