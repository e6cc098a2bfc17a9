/** What the caller has seen of peers: how a router learns without measuring anything itself. */
export interface PeerQuality {
  /** How long a call is expected to take there, in ms; undefined for a peer that has not been tried. */
  latencyMs(peerId: string): number | undefined;
  /** Calls under way there. */
  pending(peerId: string): number;
  /** False for a peer that keeps failing. Left out: all are healthy. */
  isHealthy?(peerId: string): boolean;
}

/** Knows nothing of anybody. */
export const nothingSeen: PeerQuality = { latencyMs: () => undefined, pending: () => 0 };
