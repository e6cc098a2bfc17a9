/** How far this client has come in its inbox. Numbers there are gapless, so that whatever is missing is noticed. */
export class Progress {
  /** All up to here were processed; undefined until the server has said where this device stands. */
  #acked: number | undefined;
  /** All up to here were taken in. */
  #seen = 0;

  get acked(): number | undefined {
    return this.#acked;
  }

  /**
   * The server begins after `cursor`. It is believed: it may know of more than we (another program used this
   * device), or of less (its database is an older copy, whose next message is new to us).
   */
  welcome(cursor: number): void {
    const isKnown = this.#acked !== undefined && cursor >= this.#acked && cursor <= this.#seen;
    if (!isKnown) this.#seen = cursor;
    this.#acked = cursor;
  }

  /** Whether a message is the next one, one that was seen already, or comes after one that is missing. */
  take(seq: number): "next" | "seen" | "gap" {
    if (seq <= this.#seen) return "seen";
    if (seq > this.#seen + 1) return "gap";
    this.#seen = seq;
    return "next";
  }

  /** True if this is news. */
  acknowledge(seq: number): boolean {
    if (seq <= (this.#acked ?? 0)) return false;
    this.#acked = seq;
    this.#seen = Math.max(this.#seen, seq);
    return true;
  }

  /** What was taken in and not acknowledged is forgotten: it will come again. */
  rewind(): void {
    this.#seen = this.#acked ?? 0;
  }
}
