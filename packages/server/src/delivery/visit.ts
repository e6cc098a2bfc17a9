import { type Clock, NetworkError, ProtocolError, type Timer } from "@net/core";
import type { Session } from "../store/store.ts";
import { closeCodes, type DeliveryCloseCode } from "./close-codes.ts";
import type { Connection } from "./connection.ts";
import type { Delivery } from "./delivery.ts";
import { type ClientFrame, type HelloFrame, parseClientFrame } from "./frames.ts";

/** Whoever connects must say who they are within this time. */
export const HELLO_TIMEOUT = 5_000;

export interface VisitParts {
  readonly connection: Connection;
  readonly clock: Clock;
  /** @throws AuthenticationError */
  readonly authenticate: (token: string) => Promise<Session>;
  /** Called when the token is good: makes what will send the session's messages. */
  readonly admit: (session: Session) => Delivery;
  /** Called once, at the end. */
  readonly onEnd: () => void;
  /** Called with what failed on our side; the connection is closed then. */
  readonly onFailure: (error: unknown) => void;
}

/** One connection from its first frame to its end: `hello`, then acknowledgements. */
export class Visit {
  readonly #parts: VisitParts;
  readonly #helloTimer: Timer;
  #expiryTimer: Timer | undefined;
  #delivery: Delivery | undefined;
  #greeted = false;
  #ended = false;

  constructor(parts: VisitParts) {
    this.#parts = parts;
    const late = (): void => this.close(closeCodes.helloTimeout, "no hello within 5 s");
    this.#helloTimer = parts.clock.setTimeout(late, HELLO_TIMEOUT, { background: true });
  }

  /** A text frame came. */
  receive(text: string): void {
    if (this.#ended) return;
    this.#handle(text).catch((error: unknown) => this.fail(error));
  }

  drained(): void {
    this.#delivery?.drained();
  }

  /** Closes it with the code that fits the error. */
  fail(error: unknown): void {
    if (this.#ended) return;
    if (NetworkError.is(error, "AUTHENTICATION_FAILED")) {
      this.close(closeCodes.unauthorized, error.message);
    } else if (ProtocolError.is(error)) {
      this.close(closeCodes.protocolError, error.message);
    } else {
      this.close(closeCodes.internalError, "the server failed");
      this.#parts.onFailure(error);
    }
  }

  close(code: DeliveryCloseCode, reason: string): void {
    this.end();
    this.#parts.connection.close(code, reason);
  }

  /** The connection has ended, or is about to: nothing more is sent. Ending twice is once. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#helloTimer.cancel();
    this.#expiryTimer?.cancel();
    this.#delivery?.[Symbol.dispose]();
    this.#parts.onEnd();
  }

  async #handle(text: string): Promise<void> {
    const frame: ClientFrame = parseClientFrame(text);
    if (frame.kind === "hello") return this.#hello(frame);
    if (!this.#delivery) throw new ProtocolError("ack came before welcome");
    await this.#delivery.acknowledge(frame.seq);
  }

  async #hello({ token, cursor = 0 }: HelloFrame): Promise<void> {
    if (this.#greeted) throw new ProtocolError("hello came twice");
    this.#greeted = true;
    this.#helloTimer.cancel();
    const session = await this.#parts.authenticate(token);
    if (this.#ended) return;
    this.#delivery = this.#parts.admit(session);
    this.#expireWith(session);
    // Once more, now that a logout would find this visit: one that came in between did not.
    await this.#parts.authenticate(token);
    await this.#delivery.start(cursor);
  }

  #expireWith({ expiresAtMs }: Session): void {
    const { clock } = this.#parts;
    const expire = (): void => this.close(closeCodes.unauthorized, "the session has expired");
    const delay = expiresAtMs - clock.nowMs();
    this.#expiryTimer = clock.setTimeout(expire, delay, { background: true });
  }
}
