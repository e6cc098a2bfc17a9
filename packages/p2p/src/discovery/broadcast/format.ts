import { packTexts, readTexts, unpackTexts } from "../record/texts.ts";

// Datagrams: `NETD`, the version, the kind, a nonce of 8 bytes, and then, in a question, the network that is asked for
// as texts (`net=…`), padded with zeros; in an answer, a peer's record. A question is as long as the longest answer: so
// nobody makes a peer send more to a forged address than was sent to the peer.

const HEADER: Buffer = Buffer.from("NETD\u0001");
const [QUESTION, ANSWER] = [1, 2] as const;
const NONCE_BYTES = 8;
const BODY_AT: number = HEADER.length + 1 + NONCE_BYTES;
/** What holds the longest record. */
export const QUESTION_BYTES: number = BODY_AT + 1_024;

export type BroadcastMessage =
  | { readonly kind: "question"; readonly nonce: bigint; readonly networkId: string }
  | { readonly kind: "answer"; readonly nonce: bigint; readonly record: Uint8Array };

export function encodeQuestion(nonce: bigint, networkId: string): Uint8Array {
  const question = Buffer.concat([headOf(QUESTION, nonce), packTexts([`net=${networkId}`])]);
  return Buffer.concat([question, Buffer.alloc(QUESTION_BYTES - question.length)]);
}

export function encodeAnswer(nonce: bigint, record: Uint8Array): Uint8Array {
  return Buffer.concat([headOf(ANSWER, nonce), record]);
}

/** What a datagram says; undefined if it is none of ours. */
export function readDatagram(data: Uint8Array): BroadcastMessage | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  if (bytes.length < BODY_AT || bytes.length > QUESTION_BYTES) return undefined;
  if (!bytes.subarray(0, HEADER.length).equals(HEADER)) return undefined;
  const [kind, nonce] = [bytes[HEADER.length], bytes.readBigUInt64BE(HEADER.length + 1)];
  const body = bytes.subarray(BODY_AT);
  if (kind === ANSWER) return { kind: "answer", nonce, record: body };
  return kind === QUESTION && bytes.length === QUESTION_BYTES
    ? readQuestion(nonce, body)
    : undefined;
}

function readQuestion(nonce: bigint, body: Uint8Array): BroadcastMessage | undefined {
  const networkId = readTexts(unpackTexts(body) ?? []).get("net");
  return networkId === undefined ? undefined : { kind: "question", nonce, networkId };
}

function headOf(kind: number, nonce: bigint): Buffer {
  const head = Buffer.concat([HEADER, Buffer.of(kind), Buffer.alloc(NONCE_BYTES)]);
  head.writeBigUInt64BE(nonce, HEADER.length + 1);
  return head;
}
