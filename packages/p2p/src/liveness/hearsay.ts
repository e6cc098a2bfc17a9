/** What others said counts for so long, in ms: longer than a round, shorter than two. */
const FRESH = 3_000;
/** Its main thread ticks four times a second: after three ticks that did not come it is blocked. */
const BLOCKED = 750;
/** Memberlist wants two confirmations of four nodes or more. */
const ENOUGH = 2;

/** What others, and the lifeline of its process, say of a silent peer. */
export class Hearsay {
  readonly #silentTo = new Set<string>();
  readonly #asked = new Set<string>();
  #reachedAtMs = Number.NEGATIVE_INFINITY;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #lifelineAtMs = Number.NEGATIVE_INFINITY;
  #tickedMsAgo = 0;
  #isEmpty = true;

  /** Nobody has said anything since it was heard last. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  get confirmations(): number {
    return this.#silentTo.size;
  }

  /** How many confirmations are enough. */
  get enough(): number {
    return Math.min(ENOUGH, this.#asked.size);
  }

  asked(helpers: readonly string[]): void {
    this.#isEmpty = false;
    for (const helper of helpers) this.#asked.add(helper);
  }

  /** Somebody has heard of it. */
  reached(atMs: number): void {
    this.#isEmpty = false;
    this.#reachedAtMs = atMs;
    this.#silentTo.clear();
  }

  /** Somebody else finds it silent too; each counts once. */
  silentTo(peerId: string): void {
    this.#isEmpty = false;
    this.#asked.add(peerId);
    this.#silentTo.add(peerId);
  }

  /** It has read something. */
  read(atMs: number): void {
    this.#isEmpty = false;
    this.#readAtMs = atMs;
  }

  lifeline(tickedMsAgo: number, atMs: number): void {
    this.#isEmpty = false;
    this.#tickedMsAgo = tickedMsAgo;
    this.#lifelineAtMs = atMs;
  }

  isReached(nowMs: number): boolean {
    return nowMs - this.#reachedAtMs < FRESH;
  }

  reads(nowMs: number): boolean {
    return nowMs - this.#readAtMs < FRESH;
  }

  mainThread(nowMs: number): "runs" | "blocked" | "unknown" {
    if (nowMs - this.#lifelineAtMs >= FRESH) return "unknown";
    return this.#tickedMsAgo >= BLOCKED ? "blocked" : "runs";
  }

  /** It was heard: nothing of all this matters any more. */
  forget(): void {
    this.#isEmpty = true;
    this.#silentTo.clear();
    this.#asked.clear();
    this.#reachedAtMs = Number.NEGATIVE_INFINITY;
    this.#readAtMs = Number.NEGATIVE_INFINITY;
    this.#lifelineAtMs = Number.NEGATIVE_INFINITY;
  }
}
