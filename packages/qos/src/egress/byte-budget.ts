import type { Priority } from "../priority.ts";

/** What a waiting frame takes beside its bytes, so that empty frames are bounded too. */
export const FRAME_OVERHEAD_BYTES = 64;

/** What a waiting frame counts for. */
export function budgetBytes(frame: Uint8Array): number {
  return frame.byteLength + FRAME_OVERHEAD_BYTES;
}

/** How much may wait. Critical frames have a reserve that others cannot fill. */
export class ByteBudget {
  readonly #maxBytes: number;
  readonly #criticalReserve: number;
  #frames = 0;
  #bytes = 0;
  #criticalBytes = 0;

  constructor(maxBytes: number, criticalReserve: number) {
    this.#maxBytes = maxBytes;
    this.#criticalReserve = criticalReserve;
  }

  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Whether a frame may wait. When none does, any may: a single large one must pass. */
  fits(bytes: number, priority: Priority): boolean {
    if (this.#frames === 0 || this.#bytes + bytes <= this.#maxBytes) return true;
    return priority === "critical" && this.#criticalBytes + bytes <= this.#criticalReserve;
  }

  add(bytes: number, priority: Priority): void {
    this.#count(1, bytes, priority);
  }

  remove(bytes: number, priority: Priority): void {
    this.#count(-1, -bytes, priority);
  }

  #count(frames: number, bytes: number, priority: Priority): void {
    this.#frames += frames;
    this.#bytes += bytes;
    if (priority === "critical") this.#criticalBytes += bytes;
  }
}
