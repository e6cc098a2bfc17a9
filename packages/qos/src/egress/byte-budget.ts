/**
 * What a waiting frame takes beside its bytes, so that empty frames are bounded too: its record here and the view of
 * its bytes, as measured.
 */
export const FRAME_OVERHEAD_BYTES = 384;

/** What a waiting frame of that size counts for. */
export function budgetBytes(frameBytes: number): number {
  return frameBytes + FRAME_OVERHEAD_BYTES;
}

/** What waits in all queues of one manager. */
export class QueueMemory {
  readonly maxBytes: number;
  bytes = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** When nothing waits anywhere, anything may: a single large frame must pass. */
  fits(bytes: number): boolean {
    return this.bytes === 0 || this.bytes + bytes <= this.maxBytes;
  }
}

/** How much may wait in one queue. Critical frames have a reserve that others cannot fill. */
export class ByteBudget {
  readonly #own: QueueMemory;
  readonly #all: QueueMemory;
  readonly #criticalReserve: number;
  #frames = 0;
  #criticalBytes = 0;

  constructor(maxBytes: number, criticalReserve: number, all: QueueMemory) {
    this.#own = new QueueMemory(maxBytes);
    this.#all = all;
    this.#criticalReserve = criticalReserve;
  }

  get frames(): number {
    return this.#frames;
  }

  get bytes(): number {
    return this.#own.bytes;
  }

  /** Whether a frame may wait. @param isReserved it is critical. */
  fits(bytes: number, isReserved: boolean): boolean {
    if (isReserved && this.#criticalBytes + bytes <= this.#criticalReserve) return true;
    return this.#own.fits(bytes) && this.#all.fits(bytes);
  }

  add(bytes: number, isReserved: boolean): void {
    this.#count(1, bytes, isReserved);
  }

  remove(bytes: number, isReserved: boolean): void {
    this.#count(-1, -bytes, isReserved);
  }

  #count(frames: number, bytes: number, isReserved: boolean): void {
    this.#frames += frames;
    this.#own.bytes += bytes;
    this.#all.bytes += bytes;
    if (isReserved) this.#criticalBytes += bytes;
  }
}
