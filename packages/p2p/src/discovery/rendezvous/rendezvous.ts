/**
 * Somewhere that holds peers' records and hands them out: a {@link RendezvousRegistry}, or what reaches one on a public
 * peer or a server.
 */
export interface Rendezvous {
  /** Leaves a record there, which replaces the device's earlier one. */
  publish(record: Uint8Array, options?: RendezvousCallOptions): Promise<void> | void;
  /** The records of a network's peers. Whoever gets them checks them: the holder need not be trusted. */
  lookup(
    networkId: string,
    options?: RendezvousCallOptions,
  ): Promise<readonly Uint8Array[]> | readonly Uint8Array[];
}

export interface RendezvousCallOptions {
  readonly signal?: AbortSignal | undefined;
}
