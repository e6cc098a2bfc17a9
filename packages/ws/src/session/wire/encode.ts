import type { Envelope, Msg } from "./envelope.ts";

const encoder = new TextEncoder();

/** An envelope as JSON text; frames are made of these by {@link encodeFrame}. */
export function encode(envelope: Exclude<Envelope, Msg>): string {
  return JSON.stringify(envelope);
}

/** A message whose body is JSON text already: it is not parsed only to be written again. */
export function encodeMessage(seq: number, id: string, body: string, redelivered: boolean): string {
  const flag = redelivered ? ',"redelivered":true' : "";
  return `{"kind":"msg","seq":${seq},"id":${JSON.stringify(id)}${flag},"body":${body}}`;
}

/** One frame of the envelopes given. */
export function encodeFrame(envelopes: readonly string[]): Uint8Array {
  return encoder.encode(`[${envelopes.join(",")}]`);
}

/** How many bytes the text has in UTF-8. */
export function byteLength(text: string): number {
  return encoder.encode(text).byteLength;
}
