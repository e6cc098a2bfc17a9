import type { MadeId } from "../message-ids.ts";
import type { Envelope, Msg, Run } from "./envelope.ts";

const encoder = new TextEncoder();

/** An envelope as JSON text; frames are made of these by {@link encodeFrame}. */
export function encode(envelope: Exclude<Envelope, Msg | Run>): string {
  return JSON.stringify(envelope);
}

/** A message whose body is JSON text already: it is not parsed only to be written again. */
export function encodeMessage(seq: number, id: string, body: string, redelivered: boolean): string {
  const flag = redelivered ? ',"redelivered":true' : "";
  return `{"kind":"msg","seq":${seq},"id":${JSON.stringify(id)}${flag},"body":${body}}`;
}

/** Messages whose ids were made one after the other, from `made` on. */
export function encodeRun(seq: number, made: MadeId, bodies: readonly string[]): string {
  const { maker, count } = made;
  return `{"kind":"run","seq":${seq},"maker":"${maker}","count":${count},"bodies":[${bodies.join(",")}]}`;
}

/** One frame of the envelopes given. */
export function encodeFrame(envelopes: readonly string[]): Uint8Array {
  return encoder.encode(`[${envelopes.join(",")}]`);
}

/** Up to here it is quicker to look at each unit than to have the text encoded. */
const SHORT_TEXT = 512;
/** The first unit that takes more than one byte. */
const FIRST_WIDE_UNIT = 0x80;

/** How many bytes the text has in UTF-8. */
export function byteLength(text: string): number {
  const { length } = text;
  if (length <= SHORT_TEXT && isASCII(text)) return length;
  return encoder.encode(text).byteLength;
}

function isASCII(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) >= FIRST_WIDE_UNIT) return false;
  return true;
}
