/** How a node was found. */
export type NodeSource = "mdns" | "broadcast" | "range" | "rendezvous" | "manual";

/** Somebody to dial. Only the handshake tells who it is: others may listen where a device has said that it does. */
export interface FoundNode {
  /** Where to dial it: the best of {@link FoundNode.addresses}. */
  readonly address: string;
  readonly host: string;
  readonly port: number;
  /** All addresses that are known, best first: those given by hand, then those its device has signed. */
  readonly addresses: readonly string[];
  /** How it was found first; of a verified one, how it was first known who it is. */
  readonly source: NodeSource;
  /** All the ways in which it is found now. */
  readonly sources: readonly NodeSource[];
  /** Whether its device has signed who it is and where, or proved it when it was asked. */
  readonly verified: boolean;
  /** What it says it is; unknown for an address that nobody asked. */
  readonly peerId?: string;
  readonly name?: string;
  /** The raw Ed25519 key of its device, of a verified one. */
  readonly publicKey?: Uint8Array;
}
