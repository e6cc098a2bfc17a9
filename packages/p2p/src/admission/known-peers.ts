/**
 * Remembers which device has which peer id. A `Map` is one; one that outlives the process keeps, in a file or a database,
 * somebody else from taking a peer's id while this one restarts.
 */
export interface KnownPeers {
  /** The raw public key of the device with that id. */
  get(peerId: string): Uint8Array | undefined | PromiseLike<Uint8Array | undefined>;
  set(peerId: string, device: Uint8Array): unknown;
}

/** Only peers that were let in are remembered: strangers cannot fill it. */
const MAX_PEERS = 10_000;

/** Remembers as long as the process runs; beyond 10,000 the one that was met longest ago is forgotten. */
export class KnownPeersInMemory implements KnownPeers {
  readonly #devices = new Map<string, Uint8Array>();

  get(peerId: string): Uint8Array | undefined {
    return this.#devices.get(peerId);
  }

  set(peerId: string, device: Uint8Array): void {
    // Moves it to the end: the first is the one met longest ago.
    this.#devices.delete(peerId);
    this.#devices.set(peerId, device);
    const [oldest] = this.#devices.keys();
    if (this.#devices.size > MAX_PEERS && oldest !== undefined) this.#devices.delete(oldest);
  }
}
