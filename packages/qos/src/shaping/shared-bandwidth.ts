import { type Clock, ValidationError } from "@net/core";
import { Alarm } from "./alarm.ts";
import { type HeapItem, MinHeap } from "./min-heap.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Beyond a million to one nobody would notice what the smaller one gets. */
const MIN_WEIGHT = 0.001;
const MAX_WEIGHT = 1_000;

/** One of those who share a bandwidth. */
export class Share implements HeapItem {
  readonly weight: number;
  /** Called when it waited and is given its turn: one `mayGo` will then be true. */
  readonly resume: () => void;
  /** Start-time fair queueing: the virtual time at which what it sends next begins, and the last ended. */
  start = 0;
  finish = 0;
  isGranted = false;
  heapIndex = -1;

  /** @throws ValidationError */
  constructor(weight: number, resume: () => void) {
    if (!(weight >= MIN_WEIGHT && weight <= MAX_WEIGHT)) {
      throw new ValidationError(
        `weight must be a number from ${MIN_WEIGHT} to ${MAX_WEIGHT}, not ${weight}`,
      );
    }
    this.weight = weight;
    this.resume = resume;
  }
}

/**
 * One limit for several senders: whoever wants to send gets all of it while he is alone, and the part that his weight
 * gives him while others want to send too. Bytes are shared by start-time fair queueing (Goyal, Vin and Cheng,
 * SIGCOMM 1996); what leaves all together is at most `rate · t + burst` and the one frame that went into debt, or, for
 * what is urgent, another burst.
 */
export class SharedBandwidth {
  readonly #clock: Clock;
  readonly #bucket: TokenBucket;
  readonly #burst: number;
  readonly #waiting: MinHeap<Share> = new MinHeap<Share>((share) => share.start);
  readonly #alarm: Alarm;
  #virtualTime = 0;

  /** @throws ValidationError */
  constructor(bytesPerSecond: number, burstBytes: number, clock: Clock) {
    this.#clock = clock;
    this.#burst = burstBytes;
    this.#bucket = new TokenBucket({ bytesPerSecond, burstBytes, nowMs: clock.monotonicMs() });
    this.#alarm = new Alarm(clock, () => this.#run());
  }

  /** Whether whoever asks would have to wait. Changes nothing. */
  isSpent(nowMs: number): boolean {
    return this.#waiting.size > 0 || this.#bucket.waitMs(1, nowMs) > 0;
  }

  /**
   * Whether that share may send a frame now. If not, it waits, and `resume` is called when it may. What is urgent waits
   * for nobody until a whole burst is owed.
   */
  mayGo(share: Share, isUrgent: boolean, nowMs: number): boolean {
    if (share.isGranted) {
      share.isGranted = false;
      return true;
    }
    if (isUrgent && this.#bucket.available(nowMs) > -this.#burst) return true;
    if (this.#waiting.size === 0 && this.#bucket.waitMs(1, nowMs) === 0) return true;
    this.#wait(share, isUrgent, nowMs);
    return false;
  }

  /** What that share has sent. */
  spend(share: Share, bytes: number, nowMs: number): void {
    this.#bucket.take(bytes, nowMs);
    const start = Math.max(share.finish, this.#virtualTime);
    share.finish = start + bytes / share.weight;
    // Alone, it carries the time on; among others, whoever is served does.
    if (this.#waiting.size === 0) this.#virtualTime = start;
  }

  /** That share wants nothing any more. */
  leave(share: Share): void {
    this.#waiting.remove(share);
    share.isGranted = false;
    if (this.#waiting.size === 0) this.#alarm.cancel();
  }

  #wait(share: Share, isUrgent: boolean, nowMs: number): void {
    if (share.heapIndex < 0 || isUrgent) {
      this.#waiting.remove(share);
      share.start = isUrgent ? this.#virtualTime : Math.max(share.finish, this.#virtualTime);
      this.#waiting.add(share);
    }
    this.#alarm.set(nowMs + this.#bucket.waitMs(1, nowMs));
  }

  #run(): void {
    for (let share = this.#next(); share; share = this.#next()) {
      this.#waiting.remove(share);
      this.#virtualTime = Math.max(this.#virtualTime, share.start);
      share.isGranted = true;
      share.resume();
      share.isGranted = false;
    }
    const nowMs = this.#clock.monotonicMs();
    if (this.#waiting.size > 0) this.#alarm.set(nowMs + this.#bucket.waitMs(1, nowMs));
  }

  #next(): Share | undefined {
    return this.#bucket.waitMs(1, this.#clock.monotonicMs()) === 0 ? this.#waiting.top : undefined;
  }
}
