import { isRecord, ProtocolError } from "@net/core";
import type { Message } from "../messages/message.ts";

// What travels on the WebSocket: one JSON object per text frame. The protocol is described in the README.

/** The first frame of a connection. The token is here and not in the URL, which proxies and logs keep. */
export interface HelloFrame {
  readonly kind: "hello";
  readonly token: string;
  /** The number up to which this client has processed messages, if it knows; it counts as an acknowledgement. */
  readonly cursor: number | undefined;
}

/** All messages up to `seq` were processed. */
export interface AckFrame {
  readonly kind: "ack";
  readonly seq: number;
}

export type ClientFrame = HelloFrame | AckFrame;

export type ServerFrame =
  /** The answer to `hello`: the next message has the number `cursor + 1`. */
  | { readonly kind: "welcome"; readonly cursor: number }
  | { readonly kind: "message"; readonly seq: number; readonly message: Message };

/** @throws ProtocolError if the text is none of the client's frames. */
export function parseClientFrame(text: string): ClientFrame {
  const frame = parseObject(text);
  if (frame.kind === "ack" && isCount(frame.seq)) return { kind: "ack", seq: frame.seq };
  if (frame.kind === "hello" && typeof frame.token === "string") {
    const { token, cursor } = frame;
    if (cursor === undefined || isCount(cursor)) return { kind: "hello", token, cursor };
  }
  throw new ProtocolError("expected {kind: hello, token, cursor?} or {kind: ack, seq}");
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ProtocolError("a frame must be JSON", { cause });
  }
  if (isRecord(value)) return value;
  throw new ProtocolError("a frame must be a JSON object");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
