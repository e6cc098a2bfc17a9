import type { Clock } from "@net/core";
import { Lifeline, type LifelineTicket } from "./lifeline.ts";
import { type LifelineAddress, LifelineClient } from "./lifeline-client.ts";

/** The lifeline of this process, if it has one, and those of its neighbours, as far as they have told. */
export class Lifelines implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #client: LifelineClient;
  readonly #addresses = new Map<string, LifelineAddress>();
  #starting: Promise<Lifeline> | undefined;
  #own: Lifeline | undefined;
  #isClosed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#client = new LifelineClient(clock);
  }

  /** From now on this process has one. Starting twice is once. @throws ConnectionError if it cannot listen there. */
  async start(host: string): Promise<void> {
    if (this.#isClosed) return;
    this.#starting ??= Lifeline.start({ host, clock: this.#clock });
    try {
      this.#own = await this.#starting;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
  }

  /** What a new neighbour is to be told, over the secured link; undefined without a lifeline. */
  offer(): LifelineTicket | undefined {
    return this.#isClosed ? undefined : this.#own?.ticket();
  }

  /** A neighbour has told where its lifeline is. A newer word outranks an older one. */
  learn(peerId: string, address: LifelineAddress): void {
    if (!this.#isClosed) this.#addresses.set(peerId, address);
  }

  /** The link to it has ended. */
  forget(peerId: string): void {
    this.#addresses.delete(peerId);
  }

  /** How long ago its main thread ticked, in ms; undefined if it does not answer or has none. Never rejects. */
  async ask(peerId: string): Promise<number | undefined> {
    const address = this.#addresses.get(peerId);
    return address && (await this.#client.ask(address));
  }

  /** Closing twice is fine. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#addresses.clear();
    this.#client[Symbol.dispose]();
    // Whoever starts it hears why it did not.
    const own = await this.#starting?.catch(() => undefined);
    await own?.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
