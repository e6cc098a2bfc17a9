import {
  abortable,
  abortedError,
  ClosedError,
  type Emitter,
  NetworkError,
  onAbort,
  type RetryEvent,
  throwIfAborted,
  toNetworkError,
} from "@net/core";
import type { PlatformSocket, SocketEnd } from "../socket/socket.ts";
import type { ClientEnd, ClientEvents, ClientState } from "./client-events.ts";
import { LOST } from "./close-code.ts";
import { Connection } from "./connection.ts";
import type { Inbox } from "./inbox.ts";
import { keepConnected } from "./keep-connected.ts";
import type { Outbox } from "./outbox.ts";
import type { Settings } from "./settings.ts";

/** What a client's life moves messages between. */
export interface LifetimeParts {
  readonly settings: Settings;
  readonly events: Emitter<ClientEvents>;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
}

/** A client's states, from idle to closed: the only place that changes them. */
export class Lifetime {
  readonly #parts: LifetimeParts;
  #state: ClientState = "idle";
  /** Aborts the attempts that are running. */
  #run: AbortController | undefined;
  #listening: Disposable | undefined;
  #connection: Connection | undefined;
  #opened = Promise.withResolvers<void>();
  #waitingToOpen = 0;
  #wasOpen = false;
  #closing: Promise<void> | undefined;
  #end: ClientEnd | undefined;

  constructor(parts: LifetimeParts) {
    this.#parts = parts;
  }

  get state(): ClientState {
    return this.#state;
  }

  /** The one that is open. */
  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Why nothing can be sent, if so. */
  get refusal(): NetworkError | undefined {
    if (this.#state === "open") return undefined;
    if (this.#end || this.#closing) return this.#end?.error ?? closedHere();
    if (this.#state !== "idle") return undefined;
    return new NetworkError("INVALID_STATE", "this WebSocketClient is idle: call connect() first");
  }

  /** Heeds the client's signal from the first use until the end: one that was only made leaves no listener behind. */
  begin(): void {
    const { signal } = this.#parts.settings;
    if (signal && !this.#end) {
      this.#listening ??= onAbort(signal, () => this.#fail(abortedError(signal)));
    }
  }

  /** Resolves when a connection is open. */
  async open(signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    this.begin();
    if (this.#state === "idle" && !this.#closing) this.#start();
    else if (this.refusal) throw this.refusal;
    this.#waitingToOpen++;
    try {
      await abortable(this.#opened.promise, signal);
    } finally {
      this.#waitingToOpen--;
      if (signal?.aborted) this.#stopIfUnwanted();
    }
  }

  close(code: number, reason: string): Promise<void> {
    this.#closing ??= this.#closePolitely(code, reason);
    return this.#closing;
  }

  #start(): void {
    this.#run = new AbortController();
    void this.#keepConnected(this.#run.signal);
  }

  async #keepConnected(signal: AbortSignal): Promise<void> {
    const steps = {
      connecting: () => this.#enter("connecting"),
      serve: (socket: PlatformSocket) => this.#serve(socket),
      waiting: (event: RetryEvent) => this.#wait(event),
    };
    try {
      const { error, closeCode } = await keepConnected(this.#parts.settings, steps, signal);
      this.#fail(error, closeCode);
    } catch (error) {
      if (!signal.aborted) this.#fail(toNetworkError(error));
    }
  }

  async #serve(socket: PlatformSocket): Promise<SocketEnd> {
    const { inbox, outbox, settings } = this.#parts;
    const connection = new Connection(socket, inbox, outbox, settings);
    this.#connection = connection;
    this.#wasOpen = true;
    this.#enter("open");
    this.#opened.resolve();
    const end = await connection.ended;
    this.#connection = undefined;
    this.#opened = Promise.withResolvers();
    return end;
  }

  #wait(event: RetryEvent): void {
    this.#enter("waiting");
    this.#parts.events.emit("retry", event);
  }

  #stopIfUnwanted(): void {
    const isWanted = this.#waitingToOpen > 0 || !this.#parts.outbox.isEmpty;
    if (this.#wasOpen || isWanted || this.#end || this.#closing) return;
    this.#run?.abort();
    this.#enter("idle");
  }

  async #closePolitely(code: number, reason: string): Promise<void> {
    if (this.#end) return;
    this.#enter("closing");
    this.#run?.abort();
    this.#parts.inbox.end();
    this.#parts.outbox.fail(closedHere());
    await this.#connection?.close(code, reason);
    this.#finish({ code, reason });
  }

  #fail(error: NetworkError, code: number = LOST): void {
    const { closeReason } = error.details;
    this.#finish({ code, reason: typeof closeReason === "string" ? closeReason : "", error });
  }

  #finish(end: ClientEnd): void {
    if (this.#end) return;
    this.#end = end;
    this.#listening?.[Symbol.dispose]();
    this.#run?.abort();
    this.#connection?.terminate();
    const error = end.error ?? closedHere();
    this.#parts.inbox.end(end.error);
    this.#parts.outbox.fail(error);
    this.#opened.promise.catch(() => {});
    this.#opened.reject(error);
    this.#enter("closed");
    this.#parts.events.emit("close", end);
  }

  #enter(state: ClientState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#parts.events.emit("state", state, previous);
  }
}

function closedHere(): ClosedError {
  return new ClosedError("this WebSocketClient was closed");
}
