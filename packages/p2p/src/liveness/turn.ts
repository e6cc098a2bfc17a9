/** Whose turn it is to probe an idle link: one end and the other by turns, so that one probe for each beat is enough for both. */
export class Turn {
  readonly #goesFirst: boolean;
  #isOurs = true;
  #atOnce = false;

  /** @param goesFirst whether this end begins again after both have probed at the same moment; the other must not. */
  constructor(goesFirst: boolean) {
    this.#goesFirst = goesFirst;
  }

  get isOurs(): boolean {
    return this.#isOurs;
  }

  /** The other end has probed. @param isWaiting whether a probe of this end is under way. */
  theirs(isWaiting: boolean): void {
    this.#isOurs = true;
    this.#atOnce = isWaiting;
  }

  /** This end has probed, and was answered. */
  ours(): void {
    this.#isOurs = this.#atOnce && this.#goesFirst;
    this.#atOnce = false;
  }
}
