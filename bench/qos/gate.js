/** A link that takes so many frames, then asks to wait. */
export class Gate {
  #room = 64;
  #opened = Promise.withResolvers();

  send() {
    this.#room -= 1;
    return this.#room > 0;
  }

  async drained() {
    await this.#opened.promise;
  }

  open() {
    this.#room = 64;
    this.#opened.resolve(undefined);
    this.#opened = Promise.withResolvers();
  }
}
