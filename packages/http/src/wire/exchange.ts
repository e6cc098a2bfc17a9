import { Readable } from "node:stream";
import { type Clock, type NetworkError, NetworkTimeoutError } from "@net/core";
import type { Activity, Call } from "../call/call.ts";
import { addFacts } from "../errors/facts.ts";
import { withoutQuery } from "../request/url.ts";
import type { RawHeaders } from "../response/headers.ts";
import type { Answer } from "./answer.ts";
import { type LatePhase, PhaseTimers } from "./phase-timers.ts";
import type { Send } from "./send.ts";
import type { Wire, WireController, WireHandler } from "./wire.ts";
import { wireError } from "./wire-error.ts";

/**
 * One request and its answer. Its `on…` methods are called by the connection, {@link Exchange.fail} by whoever has no
 * more time for it. What becomes of the body is for the classes below.
 */
export abstract class Exchange implements WireHandler, Activity {
  protected readonly call: Call;
  protected readonly send: Send;
  protected controller: WireController | undefined;
  protected status = 0;
  protected headers: RawHeaders = {};
  protected failure: NetworkError | undefined;
  protected timers: PhaseTimers | undefined;
  readonly #clock: Clock;
  #resolve: ((answer: Answer) => void) | undefined;
  #reject: ((error: NetworkError) => void) | undefined;
  #body: Readable | undefined;
  #isSent = false;
  onBodySent?: (chunk: Uint8Array | string) => void;

  constructor(call: Call, send: Send, clock: Clock) {
    this.call = call;
    this.send = send;
    this.#clock = clock;
    const { onUpload } = call.settings;
    if (onUpload) this.onBodySent = uploading(onUpload);
  }

  /** Sends the request. Rejects with a `NetworkError`. */
  begin(wire: Wire): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.call.attach(this);
      if (!this.failure) this.#dispatch(wire);
    });
  }

  /** Ends it; its connection, which may be in the middle of a body, is not used again. */
  fail(error: NetworkError): void {
    this.#end(error);
    this.controller?.abort(error);
  }

  onRequestStart(controller: WireController): void {
    // Thrown, it leaves the connection to others; aborted, it would end it.
    if (this.failure) throw this.failure;
    this.controller = controller;
    this.#isSent = true;
  }

  onResponseStart(_controller: WireController, status: number, headers: RawHeaders): void {
    // 1xx: the answer is still to come.
    if (status < 200) return;
    this.status = status;
    this.headers = headers;
    this.timers?.head(this.call.settings.isStream);
    this.onHead();
  }

  onResponseData(_controller: WireController, chunk: Uint8Array): void {
    this.timers?.touch();
    if (!this.failure) this.onChunk(chunk);
  }

  onResponseEnd(): void {
    if (this.failure) return;
    this.#release();
    this.onEnd();
  }

  onResponseError(_controller: WireController | null, error: Error): void {
    if (this.failure) return;
    const { method, target } = this.send;
    const context = { doing: method, address: withoutQuery(target.href) };
    this.#end(addFacts(wireError(error, context), { sent: this.#isSent }));
  }

  /** Between two pieces of the body, in ms. */
  protected abstract get idleTimeout(): number;
  protected abstract onHead(): void;
  protected abstract onChunk(chunk: Uint8Array): void;
  protected abstract onEnd(): void;
  /** The answer was given away, and its body broke. */
  protected abstract onBroken(error: NetworkError): void;

  protected resolve(answer: Answer): void {
    this.#reject = undefined;
    this.#resolve?.(answer);
  }

  /** RFC 9110 §6.4.1: these carry a `content-length` about a body that is not there. */
  protected get hasBody(): boolean {
    return this.send.method !== "HEAD" && this.status !== 304 && this.status !== 204;
  }

  #dispatch(wire: Wire): void {
    const { method, target, headers, connectTo } = this.send;
    const { origin, path } = target;
    try {
      const body = this.#openBody();
      this.timers = this.#startTimers();
      const request = { origin, path, method, headers: headers.flat, body, connectTo };
      wire.dispatch(request, this);
    } catch (error) {
      this.onResponseError(null, error as Error);
    }
  }

  #end(error: NetworkError): void {
    if (this.failure) return;
    this.failure = error;
    this.#release();
    if (this.#reject) this.#reject(error);
    else this.onBroken(error);
  }

  /** An answer may come before its request has gone: nobody reads the rest of that then. */
  #release(): void {
    this.call.detach(this);
    this.timers?.[Symbol.dispose]();
    this.#body?.destroy();
  }

  #openBody(): string | Uint8Array | Readable | null {
    const content = this.send.body?.content ?? null;
    const body = typeof content === "function" ? content() : content;
    if (body instanceof Readable) {
      this.#body = body;
      // It may fail when the connection does, which then is what is told.
      body.on("error", () => {});
    }
    return body;
  }

  #startTimers(): PhaseTimers | undefined {
    const { attempt, firstByte } = this.call.settings.timeouts;
    const onLate = (phase: LatePhase, timeoutMs: number): void => this.#late(phase, timeoutMs);
    const { idleTimeout: idle } = this;
    return PhaseTimers.start({ clock: this.#clock, attempt, firstByte, idle, onLate });
  }

  #late(phase: LatePhase, timeoutMs: number): void {
    const { method, target } = this.send;
    const what = `cannot ${method} ${withoutQuery(target.href)}`;
    const message = `${what}: ${late[phase]} within ${timeoutMs} ms`;
    const error = new NetworkTimeoutError(message, { kind: phase, timeoutMs });
    this.fail(addFacts(error, { sent: this.#isSent }));
  }
}

const late: Readonly<Record<LatePhase, string>> = {
  attempt: "this try did not end",
  headers: "the answer did not begin",
  idle: "nothing more of the answer came",
};

/** Counts a request's body as it goes. */
function uploading(tell: (sentBytes: number) => void): (chunk: Uint8Array | string) => void {
  let bytes = 0;
  return (chunk) => {
    bytes += Buffer.byteLength(chunk);
    tell(bytes);
  };
}
