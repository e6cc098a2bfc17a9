import type { AcceptedSession } from "./accepted-session.ts";
import type { Reception } from "./reception.ts";

/** A session's place at the server: whoever sits there has the newest link. */
export class Seat<Body, Tx> {
  readonly reception: Reception;
  /** There once the two ends have met. */
  session: AcceptedSession<Body, Tx> | undefined;
  /** There while the session is being opened. */
  #opening: Promise<unknown> | undefined;

  constructor(reception: Reception) {
    this.reception = reception;
  }

  /** Resolves when the link has ended and the store is no longer used; never rejects. */
  get left(): Promise<unknown> {
    return this.#opening ? this.#opening.then(() => this.#over) : this.#over;
  }

  /** Runs what opens the session. @throws what that throws. */
  async open(work: () => Promise<void>): Promise<void> {
    const opening = work();
    this.#opening = opening.catch(() => {});
    try {
      await opening;
    } finally {
      this.#opening = undefined;
    }
  }

  get #over(): Promise<unknown> {
    return this.session?.closed ?? this.reception.channel.ended;
  }
}
