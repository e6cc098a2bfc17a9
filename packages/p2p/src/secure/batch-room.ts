import type { Link } from "@net/core";
import { MemoryPool } from "./memory-pool.ts";

/**
 * Room for a batch of large frames: four of 16 KiB with what stands around them. A message of up to 64 KiB then is in one
 * batch as a rule, and so are four of 16 KiB, which saves the other end a copy.
 */
export const ROOM_BYTES: number = 76 * 1024;
/** For the links of the whole process together. */
const rooms: MemoryPool = new MemoryPool(ROOM_BYTES, 16);

/** The memory in which a batch is put together and sealed. */
export class BatchRoom {
  readonly memory: Buffer;
  readonly #isPooled: boolean;

  /** @param bytes how much it is to hold at least. */
  constructor(bytes: number) {
    this.#isPooled = bytes <= ROOM_BYTES;
    this.memory = this.#isPooled ? rooms.take() : Buffer.allocUnsafeSlow(bytes);
  }

  /** Sends the batch that was sealed here. @returns, and throws, what the link does. */
  send(sealed: Uint8Array, link: Link): boolean {
    if (!this.#isPooled) return link.send(sealed);
    if (link.lend) return link.lend(sealed, () => rooms.give(this.memory));
    const copy = Buffer.from(sealed);
    rooms.give(this.memory);
    return link.send(copy);
  }
}
