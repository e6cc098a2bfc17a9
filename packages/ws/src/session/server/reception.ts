import {
  type Link,
  type NetworkError,
  ProtocolError,
  type SaidCloseCode,
  type Timer,
  toNetworkError,
} from "@net/core";
import { Channel } from "../channel.ts";
import type { ChannelEnd } from "../channel-end.ts";
import type { ChannelOwner } from "../channel-options.ts";
import type { ExchangeSettings } from "../options.ts";
import type { Envelope, Hello } from "../wire/envelope.ts";
import { VERSION } from "../wire/limits.ts";
import { RateLimit, type Rates } from "./rate-limit.ts";
import type { Admission, Authenticate } from "./visitor.ts";

/** The server a visitor comes to: the same for all. */
export interface House {
  readonly settings: ExchangeSettings<unknown, unknown>;
  readonly authenticate: Authenticate;
  readonly helloTimeout: number;
  readonly rates: Rates;
  /** He was let in. */
  onAdmitted(reception: Reception, hello: Hello, admission: Admission): Promise<void>;
  /** His link has ended. */
  onGone(reception: Reception): void;
}

/** What may be said to somebody who is not let in. */
const refusals: ReadonlyMap<string, SaidCloseCode> = new Map([
  ["AUTHENTICATION_FAILED", "unauthorized"],
  ["PERMISSION_DENIED", "refused"],
  ["OVERLOADED", "overloaded"],
]);

/** One link from its first frame until it is let in, and what guards it from then on. */
export class Reception implements ChannelOwner {
  readonly channel: Channel;
  readonly #link: Link;
  readonly #house: House;
  readonly #limit: RateLimit;
  /** There if somebody wants to know when the visitor goes. */
  #leaving: AbortController | undefined;
  #gone: Error | undefined;
  #late: Timer | undefined;
  #expiry: Timer | undefined;
  #isGreeted = false;
  /** There once he was let in. */
  #session: ChannelOwner | undefined;

  constructor(link: Link, house: House) {
    this.#link = link;
    this.#house = house;
    const { clock, stallTimeout } = house.settings;
    this.#limit = new RateLimit(house.rates, clock);
    const onLate = (): void => this.sendAway("refused", "no session was opened in time");
    this.#late = clock.setTimeout(onLate, house.helloTimeout, { background: true });
    this.channel = new Channel({ link, clock, stallTimeout, owner: this });
  }

  /** From now on frames go there. */
  open(session: ChannelOwner): void {
    this.#stopWaiting();
    this.#session = session;
  }

  sendAway(code: SaidCloseCode, message: string, retryAfterMs?: number): void {
    void this.channel.bye(code, message, retryAfterMs);
  }

  onFrame(envelopes: readonly Envelope[], bytes: number): void {
    const wait = this.#limit.take(messagesIn(envelopes), bytes);
    if (wait > 0) this.channel.hold(wait);
    if (this.#session) this.#session.onFrame(envelopes, bytes);
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
    const { settings, authenticate } = this.#house;
    const { version, session, token } = hello;
    if (version !== VERSION) {
      throw new ProtocolError(`this end speaks version ${VERSION}, not ${version}`);
    }
    const { remoteAddress, security } = this.#link;
    const leaving = (): AbortSignal => this.#untilHeLeaves();
    const admission = await authenticate({
      session,
      token,
      remoteAddress,
      security,
      get signal() {
        return leaving();
      },
    });
    if (this.#gone) return;
    const { clock } = settings;
    if (admission.expiresAtMs !== undefined) {
      const expire = (): void => this.sendAway("unauthorized", "the token has expired");
      const delay = admission.expiresAtMs - clock.nowMs();
      this.#expiry = clock.setTimeout(expire, delay, { background: true });
    }
    await this.#house.onAdmitted(this, hello, admission);
  }

  #refuse(error: NetworkError): void {
    const code = refusals.get(error.code);
    if (code) this.sendAway(code, error.message);
    else this.channel.fail(error);
  }

  onEnded({ message }: ChannelEnd): void {
    this.#stopWaiting();
    this.#expiry?.cancel();
    this.#gone = new Error(`the visitor has gone: ${message}`);
    this.#leaving?.abort(this.#gone);
    this.#house.onGone(this);
  }

  /** Made when asked for: a signal takes more memory than the rest of a link that is idle. */
  #untilHeLeaves(): AbortSignal {
    this.#leaving ??= new AbortController();
    if (this.#gone) this.#leaving.abort(this.#gone);
    return this.#leaving.signal;
  }

  #stopWaiting(): void {
    this.#late?.cancel();
    this.#late = undefined;
  }
}

/** Whatever is no message counts as one too. */
function messagesIn(envelopes: readonly Envelope[]): number {
  let count = envelopes.length;
  for (const each of envelopes) if (each.kind === "run") count += each.bodies.length - 1;
  return count;
}
