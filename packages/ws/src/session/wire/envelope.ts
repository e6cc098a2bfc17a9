import type { JsonValue, SaidCloseCode, SerializedError } from "@net/core";

// What travels: a frame is a JSON array of these. PROTOCOL.md says what each means.

/** What each end tells the other when they meet. */
export interface Terms {
  /** All messages of the other end up to this one are committed here. */
  readonly cursor: number;
  /** All up to this one are here, though perhaps only in memory: the other end goes on after it. */
  readonly received: number;
  /** So many messages may be sent beyond the last one acknowledged… */
  readonly windowMessages: number;
  /** …and so many bytes of bodies, and one message more. */
  readonly windowBytes: number;
  /** The largest body, as JSON text in UTF-8. */
  readonly maxMessageBytes: number;
  /** How often this end gives a sign of life. */
  readonly pingMs: number;
}

/** The first frame of the end that dialled. */
export interface Hello extends Terms {
  readonly kind: "hello";
  readonly version: number;
  readonly session: string;
  readonly token?: string;
  /** Left out by an end that has no state of this session. */
  readonly epoch?: string;
  /** Its own messages up to `acked` were acknowledged; those up to `head` exist. */
  readonly acked: number;
  readonly head: number;
}

/** The first frame of the end that accepted. */
export interface Welcome extends Terms {
  readonly kind: "welcome";
  readonly version: number;
  readonly epoch: string;
  readonly resumed: boolean;
  /** If the link is lost without a word, come back at a random moment within this time. */
  readonly spreadMs: number;
}

export interface Msg {
  readonly kind: "msg";
  readonly seq: number;
  readonly id: string;
  readonly body: JsonValue;
  readonly redelivered?: true;
}

/** Messages that were never offered before, one after the other, whose ids their sender has made for them alone. */
export interface Run {
  readonly kind: "run";
  /** The first one's number. */
  readonly seq: number;
  /** The first one's id is `<count>.<maker>`, the second one's `<count + 1>.<maker>`, and so on. */
  readonly maker: string;
  readonly count: number;
  /** One at least. */
  readonly bodies: readonly JsonValue[];
}

export interface Ack {
  readonly kind: "ack";
  readonly seq: number;
}

export interface Req {
  readonly kind: "req";
  readonly id: number;
  readonly method: string;
  readonly params?: JsonValue;
}

export interface Res {
  readonly kind: "res";
  readonly id: number;
  readonly result?: JsonValue;
  /** Present if it failed: a `NetworkError` as its `toJSON` gives it. Not checked yet. */
  readonly error?: SerializedError | JsonValue;
}

export interface Cancel {
  readonly kind: "cancel";
  readonly id: number;
}

export interface Ping {
  readonly kind: "ping";
}

export interface Bye {
  readonly kind: "bye";
  readonly code: SaidCloseCode;
  /** For people. */
  readonly message?: string;
  /** When to come back. */
  readonly retryAfterMs?: number;
}

export type Envelope = Hello | Welcome | Msg | Run | Ack | Req | Res | Cancel | Ping | Bye;
