import { type Clock, IdleTimer } from "@net/core";
import type { McpHttpSession } from "../sdk-server.ts";
import { whenEnded } from "./ended-body.ts";

export interface HttpSessionLife {
  /** How long nobody may ask, in ms. */
  readonly idleTimeout: number;
  readonly clock: Clock;
  readonly onIdle: () => void;
}

/** A client's session, and whether anybody is there: it ends when no request of it was open for a while. */
export class HttpSession {
  readonly #session: McpHttpSession;
  readonly #idle: IdleTimer;
  #open = 0;

  constructor(session: McpHttpSession, { idleTimeout, clock, onIdle }: HttpSessionLife) {
    this.#session = session;
    this.#idle = new IdleTimer({ clock, timeout: idleTimeout, onIdle });
  }

  /** Whether a request of it is being answered: news are one too, which a client reads as long as it is there. */
  get isInUse(): boolean {
    return this.#open > 0;
  }

  get isBegun(): boolean {
    return this.#session.isBegun;
  }

  async fetch(request: Request): Promise<Response> {
    this.#open += 1;
    this.#idle.pause();
    try {
      return whenEnded(await this.#session.fetch(request), () => this.#answered());
    } catch (error) {
      this.#answered();
      throw error;
    }
  }

  /** Ends its calls and streams. */
  async close(): Promise<void> {
    this.#idle[Symbol.dispose]();
    await this.#session.close();
  }

  #answered(): void {
    this.#open -= 1;
    if (this.#open === 0) this.#idle.resume();
  }
}
