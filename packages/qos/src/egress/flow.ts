import { CRITICAL, type Level, levelOf, type Priority } from "../priority.ts";
import type { TokenBucket } from "../shaping/token-bucket.ts";
import { CoDel } from "./codel.ts";
import { FrameList } from "./frame-list.ts";
import type { QueuedFrame } from "./queued-frame.ts";

/** Messages of one type for one peer: they keep their order, and share one limit. */
export class Flow {
  readonly frames: FrameList = new FrameList();
  level: Level = CRITICAL;
  bucket: TokenBucket | undefined;
  /** Where it stands: among those that may send, among those that wait for tokens, or it has nothing to send. */
  place: "ready" | "shaped" | "idle" = "idle";
  /** What it may send before the other flows of its class have their turn. */
  deficit = 0;
  /** When the tokens for its next frame are there, while it is shaped. */
  readyAtMs = 0;
  #codel: CoDel | undefined;
  /** The frames that wait and may be superseded. */
  #keyed: Map<string, QueuedFrame> | undefined;

  /** How its messages are treated from now on, those included that wait. */
  treat(priority: Priority, bucket: TokenBucket | undefined): void {
    this.level = levelOf(priority);
    this.bucket = bucket;
    // RFC 8289 is for what can wait; urgent frames are few, or too many for other reasons.
    this.#codel = this.level >= 2 ? (this.#codel ?? new CoDel()) : undefined;
  }

  /** Takes out the frame to send next; those that have waited too long are added to `refused`. */
  take(nowMs: number, refused: QueuedFrame[]): QueuedFrame | undefined {
    if (this.#codel) return this.#codel.take(this.frames, nowMs, refused);
    return this.frames.takeFirst();
  }

  /** The frame that waits under that key. */
  keyed(key: string): QueuedFrame | undefined {
    return this.#keyed?.get(key);
  }

  /** That frame waits, and a newer one with its key may take its place, unless a newer one waits already. */
  key(frame: QueuedFrame): void {
    if (frame.coalesceKey === undefined) return;
    this.#keyed ??= new Map();
    if (!this.#keyed.has(frame.coalesceKey)) this.#keyed.set(frame.coalesceKey, frame);
  }

  /** That frame waits no more. */
  unkey(frame: QueuedFrame): void {
    if (frame.coalesceKey === undefined || this.keyed(frame.coalesceKey) !== frame) return;
    this.#keyed?.delete(frame.coalesceKey);
  }
}
