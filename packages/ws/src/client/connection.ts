import { type Clock, DEFAULT_CLOSE_TIMEOUT, Liveness, NetworkTimeoutError } from "@net/core";
import { deaf, type Message, type PlatformSocket, type SocketEnd } from "../socket/socket.ts";
import { LOST } from "./close-code.ts";
import type { Inbox } from "./inbox.ts";
import type { Outbox } from "./outbox.ts";
import type { Ping, Settings } from "./settings.ts";

/** Where a socket cannot be paused, an overfull inbox ends the connection. From the range for private use. */
const INBOX_FULL = 4008;
/** How many high-water marks may wait there: a reader that is busy for a moment costs no connection. */
const OVERFULL_FACTOR = 16;

/** One open connection: moves messages between its socket and the client's boxes until it ends. */
export class Connection {
  /** How it ended. Never rejects. */
  readonly ended: Promise<SocketEnd>;

  readonly #socket: PlatformSocket;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  readonly #clock: Clock;
  readonly #maxWaiting: number;
  readonly #isPong: ((message: Message) => boolean) | undefined;
  #liveness: Liveness | undefined;
  readonly #end = Promise.withResolvers<SocketEnd>();

  /** @param socket open. */
  constructor(socket: PlatformSocket, inbox: Inbox, outbox: Outbox, settings: Settings) {
    this.#socket = socket;
    this.#inbox = inbox;
    this.#outbox = outbox;
    this.#clock = settings.clock;
    this.#maxWaiting = OVERFULL_FACTOR * settings.highWaterMark;
    this.#isPong = settings.ping?.isPong;
    this.#liveness = this.#watch(settings);
    this.ended = this.#end.promise;
    socket.handlers = {
      ...deaf,
      onMessage: (message) => this.#received(message),
      onPong: () => this.#liveness?.heard(),
      onDrain: () => outbox.flush(),
      onClose: (end) => this.#over(end),
    };
    outbox.connect(socket);
    socket.resume();
  }

  /** The subprotocol both sides agreed on. */
  get protocol(): string {
    return this.#socket.protocol;
  }

  /** The inbox has room again. */
  resume(): void {
    this.#liveness?.resume();
    this.#socket.resume();
  }

  /** Says goodbye; resolves when the other side has ended too, or the time is up. */
  async close(code: number, reason: string): Promise<void> {
    this.#stopWatching();
    this.#socket.close(code, reason);
    // Read on, into nothing: only then is the other side's answer noticed.
    this.#socket.resume();
    using _timer = this.#clock.setTimeout(() => this.terminate(), DEFAULT_CLOSE_TIMEOUT);
    await this.ended;
  }

  terminate(): void {
    this.#socket.terminate();
    this.#over({ code: LOST, reason: "" });
  }

  #watch({ clock, ping, idleTimeout }: Settings): Liveness | undefined {
    const ask = ping && this.#asking(ping);
    if (!ask) return undefined;
    const onSilence = (): void => this.#silent(idleTimeout);
    return new Liveness({ clock, period: ping.interval, timeout: idleTimeout, ask, onSilence });
  }

  #asking({ message }: Ping): (() => void) | undefined {
    const socket = this.#socket;
    if (message !== undefined) return () => socket.send(message);
    return socket.ping && (() => socket.ping?.());
  }

  #received(message: Message): void {
    this.#liveness?.heard();
    if (this.#isPong?.(message) || this.#inbox.push(message)) return;
    if (this.#socket.canPause) this.#pause();
    else this.#checkOverfull();
  }

  #pause(): void {
    this.#socket.pause();
    this.#liveness?.pause();
  }

  #checkOverfull(): void {
    if (this.#inbox.size <= this.#maxWaiting) return;
    const end = { code: INBOX_FULL, reason: "the reader is too slow" };
    this.#socket.close(end.code, end.reason);
    this.#over(end);
  }

  #silent(timeoutMs: number): void {
    const error = new NetworkTimeoutError(`no sign of life within ${timeoutMs} ms`, {
      kind: "idle",
      timeoutMs,
    });
    this.#over({ code: LOST, reason: "", error });
    this.#socket.terminate();
  }

  /** The first end counts; what the socket says later is of no interest. */
  #over(end: SocketEnd): void {
    this.#socket.handlers = deaf;
    this.#stopWatching();
    this.#outbox.connect(undefined);
    this.#end.resolve(end);
  }

  #stopWatching(): void {
    this.#liveness?.[Symbol.dispose]();
    this.#liveness = undefined;
  }
}
