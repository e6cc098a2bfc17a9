import { BULK_FRAME_BYTES } from "./open-batch.ts";

/** A batch that is one large frame, with next to nothing beside it. */
export interface BulkFrame {
  readonly frame: Uint8Array;
  /** The batch as it came. */
  readonly sealed: Uint8Array;
}

/** What goes beside frames of any size: credit, and the heartbeat. */
const MAX_BESIDE = 3;
const MAX_BESIDE_BYTES = 64;

/**
 * The large frame of a batch that has nothing else of any size: its memory can be freed with the frame. What is small beside it
 * is copied, and put in its place in `frames`, so that nobody has a view of it.
 */
export function isolateBulk(sealed: Uint8Array, frames: Uint8Array[]): BulkFrame | undefined {
  if (frames.length > 1 + MAX_BESIDE) return undefined;
  const at = frames.findIndex(({ byteLength }) => byteLength >= BULK_FRAME_BYTES);
  const frame = frames[at];
  if (!frame) return undefined;
  const bytes = frames.reduce((sum, { byteLength }) => sum + byteLength, 0);
  if (bytes - frame.byteLength > MAX_BESIDE_BYTES) return undefined;
  for (const [n, other] of frames.entries()) if (n !== at) frames[n] = new Uint8Array(other);
  return { frame, sealed };
}
