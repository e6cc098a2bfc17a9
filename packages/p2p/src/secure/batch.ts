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

/** The items of a batch; their bodies are views of it. @throws ProtocolError unless it is items from end to end. */
export function decodeBatch(bytes: Uint8Array): Item[] {
  const { buffer, byteOffset, byteLength } = bytes;
  const view = new DataView(buffer, byteOffset, byteLength);
  const items: Item[] = [];
  for (let at = 0; at < byteLength; ) {
    const start = at + ITEM_HEADER_BYTES;
    const length = start <= byteLength ? view.getUint32(at + 1) : Number.NaN;
    if (!(start + length <= byteLength)) throw new ProtocolError("a batch ends within an item");
    // Not a Buffer: that is another thing to whoever gets it.
    const body = new Uint8Array(buffer, byteOffset + start, length);
    items.push({ kind: kindOf(view.getUint8(at)), body });
    at = start + length;
  }
  return items;
}

function kindOf(byte: number): ItemKind {
  if (byte === ItemKind.frame || byte === ItemKind.bye) return byte;
  throw new ProtocolError(`a batch has an item of kind ${byte}`);
}
