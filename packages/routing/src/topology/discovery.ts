import { abortable, NetworkError } from "@net/core";
import type { PeerInfo } from "./peer.ts";

/** Where peers are found: an iterable, or a function that begins a new search each time it is called. */
export type DiscoverySource =
  | AsyncIterable<PeerInfo>
  | ((options: { readonly signal: AbortSignal | undefined }) => AsyncIterable<PeerInfo>);

export interface DiscoverOptions {
  /** Ends the search: what was found until then stays known. */
  readonly signal?: AbortSignal | undefined;
}

export interface DiscoveryHandlers {
  readonly onFound: (peer: PeerInfo) => void;
  /** What was found is no peer. */
  readonly onRejected: (error: NetworkError) => void;
}

/**
 * Hands over every peer that the source finds, until it finds no more.
 *
 * @throws AbortedError when the signal aborts; whatever the source throws.
 */
export async function searchPeers(
  source: DiscoverySource,
  { signal }: DiscoverOptions,
  handlers: DiscoveryHandlers,
): Promise<void> {
  const peers = typeof source === "function" ? source({ signal }) : source;
  const iterator = peers[Symbol.asyncIterator]();
  let ended = false;
  try {
    for (;;) {
      const { done, value } = await abortable(iterator.next(), signal);
      ended = done === true;
      if (ended) return;
      hand(value, handlers);
    }
  } catch (error) {
    // Not awaited: a source that waits for its next peer would not end before it comes; nor is its failure of interest now.
    if (!ended) iterator.return?.().catch(() => {});
    throw error;
  }
}

function hand(peer: PeerInfo, { onFound, onRejected }: DiscoveryHandlers): void {
  try {
    onFound(peer);
  } catch (error) {
    if (!NetworkError.is(error)) throw error;
    onRejected(error);
  }
}
