/** What a peer's process is told to do, and what it answers. */
export interface Commands {
  start(options: PeerStart): Promise<void>;
  /** Links to peers at these addresses, which it keeps. */
  connect(addresses: readonly string[]): Promise<void>;
  view(): Promise<View>;
  /** Calls others all the time, in every way. */
  load(): Promise<void>;
  /** Begins no more calls. Resolves when all have settled. */
  unload(): Promise<void>;
  /** Lets the event loop stand still for so long, in ms. */
  block(ms: number): Promise<void>;
  /** Sets the wall clock forward by so much, in ms. */
  setForward(ms: number): Promise<void>;
  /** Reads a stream of that peer as it comes, and calls it meanwhile. */
  readStream(peerId: string): Promise<StreamRead>;
  /** What keeps the process alive, sorted. */
  resources(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

export interface PeerStart {
  readonly peerId: string;
  /** Of the device. */
  readonly pem: string;
  readonly heartbeatInterval: number;
}

/** The network as one peer sees it. Ids are sorted. */
export interface View {
  readonly neighbours: readonly string[];
  readonly reached: readonly string[];
  /** Links of which both ends tell: `a-b`. */
  readonly links: readonly string[];
  /** How many connections it has. */
  readonly sockets: number;
  /** What was told last of a partition, healed or not. */
  readonly partition: Partition | undefined;
}

export interface Partition {
  readonly members: readonly string[];
  readonly lost: readonly string[];
  readonly majority: boolean;
}

export interface StreamRead {
  /** The number of each chunk, in the order in which they came. */
  readonly numbers: readonly number[];
  /** How many chunks the tool was ahead of the reader, at most, whenever it was asked. */
  readonly mostAhead: number;
}

/**
 * - `plain`: a call to one peer, neither keyed nor idempotent;
 * - `repeated`: the same with a key, made anew with that key when the peer was lost;
 * - `keyed`: an execution with a key, of a tool that is not idempotent;
 * - `idempotent`: an execution of an idempotent tool.
 */
export const WAYS = ["plain", "repeated", "keyed", "idempotent"] as const;

export type Way = (typeof WAYS)[number];

/** What happened in a peer's process. */
export type News =
  | { readonly kind: "linked"; readonly peer: string }
  | { readonly kind: "unlinked"; readonly peer: string; readonly why: string }
  | {
      readonly kind: "state";
      readonly peer: string;
      readonly state: string;
      readonly reason: string;
    }
  | { readonly kind: "detected" | "healed"; readonly partition: Partition }
  | { readonly kind: "called"; readonly id: string; readonly way: Way }
  /** It has settled: with `ok`, or an error's code. */
  | {
      readonly kind: "settled";
      readonly id: string;
      readonly outcome: string;
      readonly on?: string;
    }
  /** A timer that was set for later than the call's deadline has rung, and the call has not settled. */
  | { readonly kind: "overdue"; readonly id: string }
  /** A tool has run here for that call. */
  | { readonly kind: "ran"; readonly id: string };

export interface Question {
  readonly number: number;
  readonly command: keyof Commands;
  readonly args: readonly unknown[];
}

/** What the process says. */
export type Said =
  | { readonly number: number; readonly result?: unknown }
  | { readonly number: number; readonly error: string }
  | { readonly news: News };
