import { type Clock, OverloadedError, TokenBuckets } from "@net/core";
import type { PeerLimits } from "../options/limits.ts";
import { remoteHost } from "./remote-host.ts";

export type HandshakeLimitsOptions = Pick<
  PeerLimits,
  "maxPendingHandshakes" | "maxPendingHandshakesPerHost" | "handshakesPerSecondPerHost"
>;

/** As many handshakes as this many seconds allow may come at once: a household wakes up. */
const BURST_SECONDS = 4;

/** How many strangers are heard at the same time, of all and of one host: a flood gets no more memory and work than this. */
export class HandshakeLimits {
  readonly #options: HandshakeLimitsOptions;
  readonly #rates: TokenBuckets;
  readonly #pending = new Map<string, number>();
  #total = 0;

  constructor(options: HandshakeLimitsOptions, clock: Clock) {
    const perSecond = options.handshakesPerSecondPerHost;
    this.#options = options;
    this.#rates = new TokenBuckets({ capacity: BURST_SECONDS * perSecond, perSecond, clock });
  }

  /**
   * A caller may begin its handshake, which is over when the result is disposed of. Callers of this process have no host.
   *
   * @throws OverloadedError saying which limit is reached.
   */
  enter(remoteAddress: string): Disposable {
    const { maxPendingHandshakes: max } = this.#options;
    if (this.#total >= max) throw new OverloadedError(`${max} handshakes are under way`);
    const host = remoteHost(remoteAddress);
    if (host !== undefined) this.#enterFrom(host);
    this.#total += 1;
    let isOver = false;
    return {
      [Symbol.dispose]: () => {
        if (isOver) return;
        isOver = true;
        this.#total -= 1;
        if (host !== undefined) this.#leave(host);
      },
    };
  }

  #enterFrom(host: string): void {
    const { maxPendingHandshakesPerHost: max } = this.#options;
    const pending = this.#pending.get(host) ?? 0;
    if (pending >= max) throw new OverloadedError(`${max} handshakes of ${host} are under way`);
    if (!this.#rates.of(host).tryTake()) {
      throw new OverloadedError(`${host} begins handshakes too fast`);
    }
    this.#pending.set(host, pending + 1);
  }

  #leave(host: string): void {
    const pending = (this.#pending.get(host) ?? 0) - 1;
    if (pending > 0) this.#pending.set(host, pending);
    else this.#pending.delete(host);
  }
}
