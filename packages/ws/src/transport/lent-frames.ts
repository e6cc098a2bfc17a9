/** Frames that a socket was lent, which reports once for each frame, in order, that it has left. */
export class LentFrames {
  readonly #waiting: { readonly number: number; readonly onReturned: () => void }[] = [];
  #sent = 0;
  #left = 0;

  /** The number of the frame that is sent next. */
  get next(): number {
    return this.#sent;
  }

  sent(): void {
    this.#sent += 1;
  }

  /** That frame was lent. */
  add(number: number, onReturned: () => void): void {
    this.#waiting.push({ number, onReturned });
  }

  /** One more frame has left. */
  left(): void {
    this.#left += 1;
    for (let [first] = this.#waiting; first && first.number < this.#left; [first] = this.#waiting) {
      this.#waiting.shift();
      first.onReturned();
    }
  }
}
