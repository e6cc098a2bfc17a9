import { createHmac, hkdfSync, timingSafeEqual } from "node:crypto";

// What goes to a lifeline and back, as PROTOCOL.md has it. Only Node's own modules here: the worker loads little.

export const TICKET_BYTES = 16;
export const KEY_BYTES = 32;
export const NONCE_BYTES = 16;
const TAG_BYTES = 16;
const MAGIC_BYTES = 4;

/** Different for both directions, so that nobody can send a question back as its answer. */
const QUESTION: Uint8Array = new TextEncoder().encode("nLQ1");
const ANSWER: Uint8Array = new TextEncoder().encode("nLA1");
const KEY_INFO = "net lifeline 1";

const QUESTION_BYTES: number = MAGIC_BYTES + TICKET_BYTES + NONCE_BYTES + TAG_BYTES;
const ANSWER_BYTES: number = MAGIC_BYTES + NONCE_BYTES + 4 + TAG_BYTES;
const MAX_UINT32 = 0xffff_ffff;

/** Is your main thread running? */
export interface Question {
  /** Names the key: whoever asks got both from the one who is asked. */
  readonly ticket: Uint8Array;
  /** Never used twice. */
  readonly nonce: Uint8Array;
}

export interface Answer {
  /** That of the question. */
  readonly nonce: Uint8Array;
  /** How long ago the main thread last showed that it runs. */
  readonly tickedMsAgo: number;
}

/** The key that belongs to a ticket: HKDF-SHA256 (RFC 5869) of the secret, so that no list of tickets is needed. */
export function keyOf(secret: Uint8Array, ticket: Uint8Array): Uint8Array {
  return new Uint8Array(hkdfSync("sha256", secret, ticket, KEY_INFO, KEY_BYTES));
}

export function encodeQuestion({ ticket, nonce }: Question, key: Uint8Array): Uint8Array {
  return sealed(Buffer.concat([QUESTION, ticket, nonce]), key);
}

/** The question, if it has the tag that the key of its ticket makes; undefined for whatever else came. */
export function readQuestion(
  bytes: Uint8Array,
  keyFor: (ticket: Uint8Array) => Uint8Array,
): Question | undefined {
  if (bytes.length !== QUESTION_BYTES || !startsWith(bytes, QUESTION)) return undefined;
  const ticket = bytes.subarray(MAGIC_BYTES, MAGIC_BYTES + TICKET_BYTES);
  if (!isSealed(bytes, keyFor(ticket))) return undefined;
  const nonceAt = MAGIC_BYTES + TICKET_BYTES;
  return { ticket, nonce: bytes.subarray(nonceAt, nonceAt + NONCE_BYTES) };
}

export function encodeAnswer({ nonce, tickedMsAgo }: Answer, key: Uint8Array): Uint8Array {
  const ms = Buffer.alloc(4);
  ms.writeUInt32BE(Math.min(MAX_UINT32, Math.max(0, Math.round(tickedMsAgo))));
  return sealed(Buffer.concat([ANSWER, nonce, ms]), key);
}

/** The nonce of what may be an answer: it tells whose key to check it with. */
export function nonceOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length !== ANSWER_BYTES || !startsWith(bytes, ANSWER)) return undefined;
  return bytes.subarray(MAGIC_BYTES, MAGIC_BYTES + NONCE_BYTES);
}

/** The answer, if it has the tag that the key makes. */
export function readAnswer(bytes: Uint8Array, key: Uint8Array): Answer | undefined {
  const nonce = nonceOf(bytes);
  if (!nonce || !isSealed(bytes, key)) return undefined;
  const ms = new DataView(bytes.buffer, bytes.byteOffset + MAGIC_BYTES + NONCE_BYTES, 4);
  return { nonce, tickedMsAgo: ms.getUint32(0) };
}

function sealed(content: Uint8Array, key: Uint8Array): Uint8Array {
  return Buffer.concat([content, tagOf(content, key)]);
}

function isSealed(bytes: Uint8Array, key: Uint8Array): boolean {
  const content = bytes.subarray(0, -TAG_BYTES);
  return timingSafeEqual(bytes.subarray(-TAG_BYTES), tagOf(content, key));
}

function tagOf(content: Uint8Array, key: Uint8Array): Uint8Array {
  return createHmac("sha256", key).update(content).digest().subarray(0, TAG_BYTES);
}

function startsWith(bytes: Uint8Array, magic: Uint8Array): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}
