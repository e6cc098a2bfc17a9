import {
  BaseLink,
  type BaseLinkOptions,
  type CloseReason,
  DEFAULT_HIGH_WATER_MARK,
  ProtocolError,
} from "@net/core";
import type { Message, PlatformSocket, SocketEnd, SocketHandlers } from "../socket/socket.ts";
import { closeCodeOf, closeReasonOf } from "./close-codes.ts";
import { LentFrames } from "./lent-frames.ts";

/** RFC 6455 §7.4.1: data of a kind that is not accepted. */
const UNSUPPORTED_DATA = 1003;

/** As `WebSocketClient` in browsers: so many high-water marks. */
const HELD_FACTOR = 16;

/** A link over one WebSocket: each binary message is a frame. */
export class WebSocketLink extends BaseLink {
  readonly #socket: PlatformSocket;
  /** How much may be held where the platform cannot hold it back. */
  readonly #maxHeldBytes: number;
  readonly #lent = new LentFrames();
  #isOver = false;
  /** There while a goodbye waits for the other side's. */
  #onOver: (() => void) | undefined;

  /** @param socket open, and paused. */
  constructor(socket: PlatformSocket, options: BaseLinkOptions) {
    super(options);
    const { highWaterMark = DEFAULT_HIGH_WATER_MARK } = options;
    this.#maxHeldBytes = socket.canPause
      ? Number.POSITIVE_INFINITY
      : Math.max(this.maxFrameBytes, HELD_FACTOR * highWaterMark);
    this.#socket = socket;
    socket.freeInput?.();
    socket.handlers = new WebSocketLink.#Handlers(this);
  }

  /** One object for each link, instead of a closure for each of its events. */
  static readonly #Handlers = class implements SocketHandlers {
    readonly #link: WebSocketLink;

    constructor(link: WebSocketLink) {
      this.#link = link;
    }

    onOpen(): void {}

    onPong(): void {}

    onMessage(message: Message): void {
      this.#link.#received(message);
    }

    onDrain(): void {
      this.#link.#lent.left();
      this.#link.flushed();
    }

    onClose(end: SocketEnd): void {
      this.#link.#over(end);
    }
  };

  lend(frame: Uint8Array, onReturned: () => void): boolean {
    const number = this.#lent.next;
    const goesOn = this.send(frame);
    this.#lent.add(number, onReturned);
    return goesOn;
  }

  flush(): void {
    this.#socket.flush?.();
  }

  spent(frame: Uint8Array): void {
    this.#socket.spent?.(frame);
  }

  protected bufferedBytes(): number {
    return this.#socket.bufferedBytes;
  }

  protected write(frame: Uint8Array): void {
    this.#lent.sent();
    this.#socket.send(frame);
  }

  protected flow(on: boolean): void {
    if (on) this.#socket.resume();
    else this.#socket.pause();
  }

  protected async sayGoodbye(reason: CloseReason): Promise<void> {
    this.#socket.close(closeCodeOf(reason), reason.message);
    // Read on, into nothing: only then is the other side's end noticed.
    this.#socket.resume();
    if (this.#isOver) return;
    await new Promise<void>((resolve) => {
      this.#onOver = resolve;
    });
  }

  protected destroy(): void {
    this.#socket.terminate();
  }

  #over(end: SocketEnd): void {
    this.#isOver = true;
    this.#onOver?.();
    this.ended(closeReasonOf(end));
  }

  #received(message: Message): void {
    if (typeof message === "string") {
      this.#refuseText();
      return;
    }
    this.deliver(message);
    if (this.heldBytes > this.#maxHeldBytes) this.#overflow();
  }

  /** A browser reads on whatever we want: better no link than more and more memory. */
  #overflow(): void {
    const message = `${this.heldBytes} bytes were not read in time`;
    this.abort({ code: "overloaded", message });
  }

  #refuseText(): void {
    const error = new ProtocolError("a text message came, and frames are binary");
    this.#socket.refuse(UNSUPPORTED_DATA, error.message);
    this.ended({ code: "protocol-error", message: error.message, remote: true, error });
  }
}
