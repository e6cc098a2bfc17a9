import { CHUNK_BYTES } from "@net/qos";

/** A message whose end may be somebody else's memory: it is copied as it is cut into frames. */
export interface MessageParts {
  readonly head: Uint8Array;
  readonly body: Uint8Array;
}

const NOTHING: Uint8Array = new Uint8Array(0);

/** A message that is in one part already. */
export function whole(message: Uint8Array): MessageParts {
  return { head: message, body: NOTHING };
}

export function sizeOf({ head, body }: MessageParts): number {
  return head.byteLength + body.byteLength;
}

/** Whether it is sent as it is, and not in pieces. */
export function fitsFrame(message: MessageParts): boolean {
  return sizeOf(message) <= CHUNK_BYTES;
}

/** Both parts behind each other. */
export function joined(message: MessageParts): Uint8Array {
  const { head, body } = message;
  if (body.byteLength === 0) return head;
  const bytes = new Uint8Array(sizeOf(message));
  bytes.set(head);
  bytes.set(body, head.byteLength);
  return bytes;
}

/** Copies so much of a message, from there on, as the target has room for. */
export function copyPart({ head, body }: MessageParts, from: number, target: Uint8Array): void {
  const size = target.byteLength;
  const ofHead = Math.max(0, Math.min(size, head.byteLength - from));
  if (ofHead > 0) target.set(head.subarray(from, from + ofHead));
  if (ofHead === size) return;
  const start = from + ofHead - head.byteLength;
  target.set(body.subarray(start, start + size - ofHead), ofHead);
}
