import { isRecord, type JsonValue, ProtocolError } from "@net/core";
import { type Message, type MessageType, messageTypes } from "../messages.ts";

// What travels on the WebSocket: one JSON object per text frame, as @net/server's README describes it.

export type ServerFrame =
  /** The server begins after `cursor`, whatever the client asked for. */
  | { readonly kind: "welcome"; readonly cursor: number }
  | { readonly kind: "message"; readonly seq: number; readonly message: Message };

export function helloFrame(token: string, cursor: number | undefined): string {
  return encode({ kind: "hello", token, ...(cursor !== undefined && { cursor }) });
}

export function ackFrame(seq: number): string {
  return encode({ kind: "ack", seq });
}

/** @throws ProtocolError if it is none of the server's frames. */
export function parseServerFrame(frame: string | Uint8Array): ServerFrame {
  const value = decode(frame);
  if (value.kind === "welcome" && isCount(value.cursor)) {
    return { kind: "welcome", cursor: value.cursor };
  }
  if (value.kind === "message" && isCount(value.seq)) {
    return { kind: "message", seq: value.seq, message: toMessage(value.message) };
  }
  throw new ProtocolError("the server sent a frame that is neither welcome nor message");
}

function encode(frame: JsonValue): string {
  return JSON.stringify(frame);
}

function decode(frame: string | Uint8Array): Readonly<Record<string, unknown>> {
  if (typeof frame !== "string") throw new ProtocolError("the server sent a binary frame");
  try {
    const value: unknown = JSON.parse(frame);
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new ProtocolError("the server sent a frame that is not JSON", { cause });
  }
  throw new ProtocolError("the server sent a frame that is no JSON object");
}

function toMessage(value: unknown): Message {
  const { id, from, to, type, text, sentAtMs } = isRecord(value) ? value : {};
  if (
    isText(id) &&
    isSender(from) &&
    isRecipient(to) &&
    isMessageType(type) &&
    isText(text) &&
    typeof sentAtMs === "number"
  ) {
    return { id, from, to, type, text, sentAtMs };
  }
  throw new ProtocolError("the server sent a message without all its fields");
}

function isSender(value: unknown): value is Message["from"] {
  if (!isRecord(value)) return false;
  const { userId, username, agent } = value;
  return isText(userId) && isText(username) && (agent === undefined || isText(agent));
}

function isRecipient(value: unknown): value is Message["to"] {
  return isRecord(value) && isText(value.agent);
}

function isMessageType(value: unknown): value is MessageType {
  return (messageTypes as readonly unknown[]).includes(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
