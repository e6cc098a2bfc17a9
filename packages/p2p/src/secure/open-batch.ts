import type { Link } from "@net/core";
import { ITEM_HEADER_BYTES, type Item, putItem } from "./batch.ts";
import { BatchRoom, ROOM_BYTES } from "./batch-room.ts";
import type { Seal } from "./seal.ts";

/** Frames of this size and more are copied at once: then their memory is their sender's again. */
export const BULK_FRAME_BYTES: number = 4 * 1024;

/**
 * A batch that is being filled. Small frames are only kept: when it is sealed, it is known how much room they need. With
 * the first large one it gets room for many, and all are copied there as they come.
 */
export class OpenBatch {
  readonly #seal: Seal;
  readonly #maxFrameBytes: number;
  readonly #maxBytes: number;
  #kept: Item[] = [];
  #room: BatchRoom | undefined;
  #count = 0;
  #bytes = 0;

  /** @param maxFrameBytes the largest frame that the link below carries. */
  constructor(seal: Seal, maxFrameBytes: number) {
    this.#seal = seal;
    this.#maxFrameBytes = maxFrameBytes;
    this.#maxBytes = maxFrameBytes - seal.overheadBytes;
  }

  /** How many items there are. */
  get count(): number {
    return this.#count;
  }

  /** Of all items, with what stands before each. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Adds an item if it fits. One that is alone does, whatever its size. */
  tryAdd(item: Item): boolean {
    const end = this.#bytes + ITEM_HEADER_BYTES + item.body.byteLength;
    const isBulk = item.body.byteLength >= BULK_FRAME_BYTES;
    if (this.#count > 0 && end > this.#limit(isBulk)) return false;
    if (isBulk) this.#room ??= this.#openRoom(end);
    if (this.#room) putItem(this.#room.memory, this.#bytes, item);
    else this.#kept.push(item);
    this.#count += 1;
    this.#bytes = end;
    return true;
  }

  /** Keeps so many items, and gives the others to a new batch: if they are copied already, it cannot. */
  split(count: number): OpenBatch | undefined {
    if (this.#room) return undefined;
    const others = new OpenBatch(this.#seal, this.#maxFrameBytes);
    for (const item of this.#kept.splice(count)) others.tryAdd(item);
    this.#count = count;
    this.#bytes -= others.bytes;
    return others;
  }

  /** Seals it and sends it: nothing can be added any more. @returns, and throws, what the link does. */
  send(link: Link): boolean {
    const size = this.#bytes + this.#seal.overheadBytes;
    if (this.#room) return this.#room.send(this.#close(this.#room.memory.subarray(0, size)), link);
    const memory = Buffer.allocUnsafe(size);
    this.#put(memory);
    return link.send(this.#close(memory));
  }

  #close(memory: Buffer): Uint8Array {
    return this.#seal.close(memory, this.#bytes);
  }

  /** How many bytes of items there may be. */
  #limit(isBulk: boolean): number {
    const room = this.#room?.memory.byteLength ?? (isBulk ? ROOM_BYTES : Number.POSITIVE_INFINITY);
    return Math.min(this.#maxBytes, room - this.#seal.overheadBytes);
  }

  #openRoom(bytes: number): BatchRoom {
    const room = new BatchRoom(bytes + this.#seal.overheadBytes);
    this.#put(room.memory);
    this.#kept = [];
    return room;
  }

  #put(memory: Buffer): void {
    let at = 0;
    for (const item of this.#kept) at = putItem(memory, at, item);
  }
}
