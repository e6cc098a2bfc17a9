import { patternsFor } from "./topics.ts";

/** Who subscribed to what, as the adverts of all peers say. */
export class Interest {
  readonly #patterns = new Map<string, readonly string[]>();
  readonly #peers = new Map<string, Set<string>>();

  /** Replaces what was known of that peer. */
  set(peerId: string, patterns: readonly string[]): void {
    if (this.#patterns.get(peerId) === patterns) return;
    this.delete(peerId);
    if (patterns.length === 0) return;
    this.#patterns.set(peerId, patterns);
    for (const pattern of patterns) {
      this.#peers.set(pattern, (this.#peers.get(pattern) ?? new Set()).add(peerId));
    }
  }

  delete(peerId: string): void {
    for (const pattern of this.#patterns.get(peerId) ?? []) {
      const peers = this.#peers.get(pattern);
      peers?.delete(peerId);
      if (peers?.size === 0) this.#peers.delete(pattern);
    }
    this.#patterns.delete(peerId);
  }

  /** Who is subscribed to that topic. */
  subscribers(topic: string): ReadonlySet<string> {
    const subscribers = new Set<string>();
    for (const pattern of patternsFor(topic)) {
      for (const peerId of this.#peers.get(pattern) ?? []) subscribers.add(peerId);
    }
    return subscribers;
  }

  isSubscribed(peerId: string, topic: string): boolean {
    return patternsFor(topic).some((pattern) => this.#peers.get(pattern)?.has(peerId));
  }
}
