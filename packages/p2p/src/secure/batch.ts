import { ProtocolError } from "@net/core";

/** Before each item of a batch: its kind (1 byte) and its length (4 bytes, big-endian). */
export const ITEM_HEADER_BYTES = 5;

/** A frame of the link above; or the reason why the sender ends the link, the last thing it says. */
export const ItemKind = { frame: 0, bye: 1 } as const;
export type ItemKind = (typeof ItemKind)[keyof typeof ItemKind];

export interface Item {
  readonly kind: ItemKind;
  readonly body: Uint8Array;
}

/** Puts an item into a batch that has room for it. @returns where the next one begins. */
export function putItem(batch: Buffer, at: number, { kind, body }: Item): number {
  batch.writeUInt8(kind, at);
  batch.writeUInt32BE(body.byteLength, at + 1);
  batch.set(body, at + ITEM_HEADER_BYTES);
  return at + ITEM_HEADER_BYTES + body.byteLength;
}

/** What came in a batch: its frames, in their order, and the last word, if it is the last batch. */
export interface OpenedBatch {
  /** Views of the batch. */
  readonly frames: Uint8Array[];
  readonly bye: Uint8Array | undefined;
}

/** @throws ProtocolError unless it is items from end to end. */
export function decodeBatch(bytes: Uint8Array): OpenedBatch {
  const { buffer, byteOffset, byteLength } = bytes;
  const frames: Uint8Array[] = [];
  let bye: Uint8Array | undefined;
  for (let at = 0; at < byteLength; ) {
    const start = at + ITEM_HEADER_BYTES;
    const length = start <= byteLength ? readLength(bytes, at + 1) : Number.NaN;
    if (!(start + length <= byteLength)) throw new ProtocolError("a batch ends within an item");
    const kind = bytes[at];
    // Not a Buffer: that is another thing to whoever gets it.
    const body = new Uint8Array(buffer, byteOffset + start, length);
    if (kind === ItemKind.frame) frames.push(body);
    else if (kind === ItemKind.bye) bye = body;
    else throw new ProtocolError(`a batch has an item of kind ${kind}`);
    at = start + length;
  }
  return { frames, bye };
}

/** 4 bytes, big-endian. By hand: a DataView for each batch takes longer than to read it. */
function readLength(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let i = 0; i < 4; i++) length = length * 256 + (bytes[at + i] as number);
  return length;
}
