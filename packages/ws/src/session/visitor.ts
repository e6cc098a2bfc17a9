import {
  type Link,
  type LinkSecurity,
  type NetworkError,
  ProtocolError,
  type SaidCloseCode,
  type Timer,
  toNetworkError,
} from "@net/core";
import { Channel, type ChannelEnd } from "./channel.ts";
import { FrameBudget } from "./frame-budget.ts";
import type { ExchangeSettings } from "./options.ts";
import type { Envelope, Hello } from "./wire/envelope.ts";
import { VERSION } from "./wire/limits.ts";

/** Who asks to be let in. */
export interface Visitor {
  /** The name he says his session has. */
  readonly session: string;
  readonly token: string | undefined;
  readonly remoteAddress: string;
  readonly security: LinkSecurity;
  /** Aborts when he has gone, or it takes too long. */
  readonly signal: AbortSignal;
}

/** Who was let in. */
export interface Admission {
  /**
   * The name under which the session is kept. It must say whose it is: whoever may use a name reads its messages. A
   * name that the visitor chose is right only together with his own, for instance `alice/laptop`.
   */
  readonly session: string;
  /** When to ask again, as `Clock.nowMs` tells it: the session's link is closed then. Default never. */
  readonly expiresAtMs?: number | undefined;
}

/** Says who a visitor is. @throws AuthenticationError, PermissionError to send him away. */
export type Authenticate = (visitor: Visitor) => Admission | PromiseLike<Admission>;

interface ReceptionOptions {
  readonly link: Link;
  readonly settings: ExchangeSettings<unknown, unknown>;
  readonly authenticate: Authenticate;
  readonly helloTimeout: number;
  readonly maxFramesPerSecond: number;
  /** Called when he was let in. */
  readonly onAdmitted: (hello: Hello, admission: Admission, channel: Channel) => Promise<void>;
}

/** What may be said to somebody who is not let in. */
const refusals: ReadonlyMap<string, SaidCloseCode> = new Map([
  ["AUTHENTICATION_FAILED", "unauthorized"],
  ["PERMISSION_DENIED", "refused"],
  ["OVERLOADED", "overloaded"],
]);

/** One link from its first frame until it is let in, and what guards it from then on. */
export class Reception {
  readonly channel: Channel;
  readonly #options: ReceptionOptions;
  readonly #budget: FrameBudget;
  readonly #gone = new AbortController();
  readonly #late: Timer;
  #expiry: Timer | undefined;
  #isGreeted = false;
  #onFrame: ((envelopes: readonly Envelope[], bytes: number) => void) | undefined;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    const { link, settings, helloTimeout, maxFramesPerSecond } = options;
    const { clock } = settings;
    this.#budget = new FrameBudget(maxFramesPerSecond, clock);
    const onLate = (): void => this.sendAway("refused", "no session was opened in time");
    this.#late = clock.setTimeout(onLate, helloTimeout, { background: true });
    this.channel = new Channel({
      link,
      clock,
      onFrame: (envelopes, bytes) => this.#receive(envelopes, bytes),
    });
    void this.channel.ended.then((end) => this.#leave(end));
  }

  /** From now on frames go there. */
  open(onFrame: (envelopes: readonly Envelope[], bytes: number) => void): void {
    this.#late.cancel();
    this.#onFrame = onFrame;
  }

  sendAway(code: SaidCloseCode, message: string, retryAfterMs?: number): void {
    void this.channel.bye(code, message, retryAfterMs);
  }

  #receive(envelopes: readonly Envelope[], bytes: number): void {
    if (!this.#budget.tryTake()) this.sendAway("overloaded", "too many frames a second", 1_000);
    else if (this.#onFrame) this.#onFrame(envelopes, bytes);
    else this.#greet(envelopes);
  }

  #greet([hello, ...others]: readonly Envelope[]): void {
    if (hello?.kind === "bye") return;
    if (this.#isGreeted || hello?.kind !== "hello" || others.length > 0) {
      throw new ProtocolError("expected a hello, and nothing else before the welcome");
    }
    this.#isGreeted = true;
    this.#admit(hello).catch((error: unknown) => this.#refuse(toNetworkError(error)));
  }

  async #admit(hello: Hello): Promise<void> {
    const { link, settings, authenticate, onAdmitted } = this.#options;
    const { version, session, token } = hello;
    if (version !== VERSION) {
      throw new ProtocolError(`this end speaks version ${VERSION}, not ${version}`);
    }
    const { remoteAddress, security } = link;
    const { signal } = this.#gone;
    const admission = await authenticate({ session, token, remoteAddress, security, signal });
    if (signal.aborted) return;
    const { clock } = settings;
    if (admission.expiresAtMs !== undefined) {
      const expire = (): void => this.sendAway("unauthorized", "the token has expired");
      const delay = admission.expiresAtMs - clock.nowMs();
      this.#expiry = clock.setTimeout(expire, delay, { background: true });
    }
    await onAdmitted(hello, admission, this.channel);
  }

  #refuse(error: NetworkError): void {
    const code = refusals.get(error.code);
    if (code) this.sendAway(code, error.message);
    else this.channel.fail(error);
  }

  #leave({ message }: ChannelEnd): void {
    this.#late.cancel();
    this.#expiry?.cancel();
    this.#gone.abort(new Error(`the visitor has gone: ${message}`));
  }
}
