import { randomBytes } from "node:crypto";
import type { Clock, Logger, Rng, Timer } from "@net/core";
import { PerInterface } from "../interfaces/per-interface.ts";
import { type BroadcastMessage, encodeQuestion } from "./format.ts";
import type { BroadcastSettings } from "./options.ts";
import { type BroadcastSocket, hasBroadcast, openBroadcastSocket } from "./socket.ts";

/** Between the first two questions, in ms, then each time twice as long, up to */
const FIRST_INTERVAL = 1_000;
const MAX_INTERVAL = 30_000;
/** So that askers that begin together do not ask together for ever. */
const SPREAD = 0.1;
/** Whoever leaves so many questions unanswered is gone. */
const MAX_UNANSWERED = 3;
/** Answers to one question that are read; more would be a flood. */
const MAX_ANSWERS = 1_024;

export interface BroadcastBrowserOptions {
  readonly settings: BroadcastSettings;
  readonly networkId: string;
  readonly clock: Clock;
  readonly rng: Rng;
  readonly logger: Logger;
  /** Gives the name of who answered, if the record is good. @param link on which the answer came. */
  readonly onAnswer: (record: Uint8Array, link: string) => string | undefined;
  readonly onLost: (name: string) => void;
}

/** Asks by UDP broadcast which peers there are, again and again. */
export class BroadcastBrowser implements AsyncDisposable {
  readonly #options: BroadcastBrowserOptions;
  /** The number of the last question each answered. */
  readonly #answered = new Map<string, number>();
  #sockets: PerInterface<BroadcastSocket> | undefined;
  #timer: Timer | undefined;
  #asked = 0;
  #answers = 0;
  #nonces: readonly bigint[] = [];

  private constructor(options: BroadcastBrowserOptions) {
    this.#options = options;
  }

  /** @throws ConnectionError if no interface can be used. */
  static async start(options: BroadcastBrowserOptions): Promise<BroadcastBrowser> {
    const { settings, clock, logger } = options;
    const browser = new BroadcastBrowser(options);
    const sockets = await PerInterface.start<BroadcastSocket>({
      ...{ wanted: settings.interfaces, usable: hasBroadcast, clock, logger },
      onOpened: (socket) => browser.#askAgain(socket),
      open: (netInterface, onBroken) =>
        openBroadcastSocket({
          ...{ netInterface, logger },
          onMessage: (message, _from, on) => browser.#take(message, on),
          onBroken,
        }),
    });
    browser.#sockets = sockets;
    browser.#ask(FIRST_INTERVAL);
    return browser;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#timer?.cancel();
    await this.#sockets?.close();
  }

  #ask(interval: number): void {
    const { clock, rng } = this.#options;
    this.#forgetSilent();
    this.#asked++;
    this.#answers = 0;
    this.#nonces = [randomBytes(8).readBigUInt64BE(), ...this.#nonces].slice(0, MAX_UNANSWERED);
    for (const socket of this.#sockets?.opened ?? []) this.#askAgain(socket);
    const next = Math.min(MAX_INTERVAL, 2 * interval);
    const delay = interval * (1 + SPREAD * rng.next());
    this.#timer = clock.setTimeout(() => this.#ask(next), delay);
  }

  /** The question of the moment, also to an interface that has come since. */
  #askAgain(socket: BroadcastSocket): void {
    const { settings, networkId } = this.#options;
    const [nonce] = this.#nonces;
    if (nonce === undefined) return;
    void socket.broadcast(encodeQuestion(nonce, networkId), settings.port);
  }

  #take(message: BroadcastMessage, { netInterface }: BroadcastSocket): void {
    if (message.kind !== "answer" || !this.#nonces.includes(message.nonce)) return;
    if (++this.#answers > MAX_ANSWERS) return;
    const name = this.#options.onAnswer(message.record, netInterface.key);
    if (name !== undefined) this.#answered.set(name, this.#asked);
  }

  #forgetSilent(): void {
    for (const [name, asked] of this.#answered) {
      if (asked > this.#asked - MAX_UNANSWERED) continue;
      this.#answered.delete(name);
      this.#options.onLost(name);
    }
  }
}
