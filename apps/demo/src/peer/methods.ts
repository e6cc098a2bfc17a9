import type { WordCounts } from "./words.ts";

/** How a peer's process starts its node. It comes over the process's own channel, never on a command line. */
export interface PeerConfig {
  readonly name: string;
  readonly networkId: string;
  readonly jwtSecret: string;
  readonly host: string;
  readonly port: number;
  readonly capabilities: readonly string[];
  readonly relay: boolean;
  /** Peers this one admits no link from. */
  readonly refuse: readonly string[];
  /** Offers the slow tool too. */
  readonly slowTool: boolean;
}

/** A peer that was found, and how long after the start. */
export interface Found {
  readonly peerId: string;
  readonly address: string;
  readonly afterMs: number;
}

export interface Discovered {
  readonly found: readonly Found[];
}

export interface Refusal {
  readonly peerId: string;
  readonly reason: string;
}

export interface MapEdge {
  readonly from: string;
  readonly to: string;
  readonly rttMs: number;
}

export interface Counted {
  readonly counts: WordCounts;
  readonly executedOn: string;
  readonly attempts: number;
  readonly hops: number;
  readonly durationMs: number;
  /** Whether the process that counted could have read the file by itself. */
  readonly couldReadFile: boolean;
}

export interface CountedInPieces {
  readonly pieces: readonly WordCounts[];
  /** How many pieces each peer counted. */
  readonly ranOn: Readonly<Record<string, number>>;
  readonly durationMs: number;
}

export interface Received {
  readonly from: string;
  readonly text: string;
  readonly seq: number;
  readonly sentAtMs: number;
  readonly receivedAtMs: number;
}

export interface Credentials {
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** What a peer's process does for the coordinator. */
export type PeerMethods = {
  start(config: PeerConfig): Promise<{ readonly address: string }>;
  /** Resolves when there is a way to each of these peers. */
  reach(params: { readonly peerIds: readonly string[] }): Promise<{ readonly waitedMs: number }>;
  discovered(params: { readonly peerIds: readonly string[] }): Promise<Discovered>;
  /** Resolves when that peer has refused a link. */
  refusal(params: { readonly by: string }): Promise<Refusal>;
  /** Resolves when every link that is known has been measured. */
  map(
    params: object,
  ): Promise<{ readonly nodes: readonly string[]; readonly edges: readonly MapEdge[] }>;
  countWords(params: {
    readonly on: string;
    readonly bytes: Uint8Array;
    readonly path: string;
  }): Promise<Counted>;
  countPieces(params: { readonly pieces: readonly Uint8Array[] }): Promise<CountedInPieces>;
  countSlowly(params: { readonly bytes: Uint8Array; readonly forMs: number }): Promise<Counted>;
  invite(params: { readonly name: string }): Promise<{ readonly token: string }>;
  signUp(params: Credentials): Promise<void>;
  logIn(params: Credentials): Promise<void>;
  logOut(params: object): Promise<void>;
  befriend(params: { readonly username: string }): Promise<void>;
  acceptFriend(params: { readonly username: string }): Promise<void>;
  sendText(params: { readonly to: string; readonly text: string }): Promise<void>;
  /** Waits for the next message. */
  nextMessage(params: object): Promise<Received>;
};
