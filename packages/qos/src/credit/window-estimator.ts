import { assertAmount, assertPositive } from "@net/core";
import { CHUNK_BYTES } from "./chunks.ts";
import { INITIAL_CREDIT_BYTES } from "./credit-need.ts";
import { WindowedExtreme } from "./windowed-extreme.ts";

/** One and a half times what the line holds: half a window waits in it, so that it never runs dry. */
const GAIN = 1.5;
/** Beside what the line holds, one chunk is still coming in, and one did not fit into the credit that was left. */
const CHUNK_ROOM_BYTES = 2 * CHUNK_BYTES;
/** BBR's 2/ln 2, while the rate still grows: then the window, and not the line, is what limits it. */
const STARTUP_GAIN = 2.885;
/** BBR: the rate has stopped growing when it has not grown by a quarter for three rounds. */
const GROWTH = 1.25;
const FULL_AFTER_ROUNDS = 3;
/** BBR keeps the greatest rate of ten rounds. */
const RATE_ROUNDS = 10;
/** LEDBAT's base history (RFC 6817 §2.4.2): a queue of our own must not become the least round trip there was. */
const RTT_WINDOW_MS = 10 * 60_000;
/** A round is a round trip, but long enough that what came in one burst is not taken for the rate. */
const MIN_ROUND_MS = 50;
/**
 * What is shorter counts as this, in ms: however near the other end is, credit comes only when both event loops have turned, and
 * they do more in a turn than to send. At 1 MB/s that is 10 KB, less than the least window.
 */
const TURNS_MS = 10;
const DEFAULT_MAX_WINDOW_BYTES = 16 * 1024 * 1024;

export interface WindowEstimatorOptions {
  /** Default 32 KiB, which is also the least. */
  readonly minBytes?: number;
  /** Default 16 MiB. */
  readonly maxBytes?: number;
}

/**
 * How large a window must be for the line to be full: 1.5 × the greatest rate × the least round trip, both over a window
 * of time, at least 10 ms, and at least two chunks more than that product (Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM
 * Queue 2016). Lives at the receiver, one for each link.
 */
export class WindowEstimator {
  readonly #minBytes: number;
  readonly #maxBytes: number;
  readonly #rtt = new WindowedExtreme("min", RTT_WINDOW_MS);
  readonly #rate = new WindowedExtreme("max", RATE_ROUNDS);
  #round = 0;
  #roundBytes = 0;
  #roundStartMs: number | undefined;
  #fullRate = 0;
  #fullRounds = 0;

  /** @throws ValidationError */
  constructor({
    minBytes = INITIAL_CREDIT_BYTES,
    maxBytes = DEFAULT_MAX_WINDOW_BYTES,
  }: WindowEstimatorOptions = {}) {
    this.#minBytes = Math.max(INITIAL_CREDIT_BYTES, assertPositive(minBytes, "minBytes"));
    this.#maxBytes = Math.max(this.#minBytes, assertPositive(maxBytes, "maxBytes"));
  }

  /** The greatest rate of the last rounds, in bytes per second; undefined before the first round ended. */
  get bytesPerSecond(): number | undefined {
    return this.#rate.value;
  }

  /** The least round trip of the last ten minutes; undefined before the first. */
  get minRttMs(): number | undefined {
    return this.#rtt.value;
  }

  get windowBytes(): number {
    const bytesPerMs = (this.bytesPerSecond ?? 0) / 1_000;
    const productBytes = bytesPerMs * (this.minRttMs ?? 0);
    const gain = this.#fullRounds < FULL_AFTER_ROUNDS ? STARTUP_GAIN : GAIN;
    const wanted = Math.max(
      gain * Math.max(productBytes, bytesPerMs * TURNS_MS),
      productBytes + CHUNK_ROOM_BYTES,
      this.#minBytes,
    );
    return Math.floor(Math.min(this.#maxBytes, wanted));
  }

  /** One round trip was measured. @throws ValidationError */
  roundTrip(rttMs: number, nowMs: number): void {
    this.#rtt.record(assertAmount(rttMs, "rttMs"), assertAmount(nowMs, "nowMs"));
  }

  /** So many bytes came. @throws ValidationError */
  delivered(bytes: number, nowMs: number): void {
    assertAmount(bytes, "bytes");
    assertAmount(nowMs, "nowMs");
    // What begins a round took its time before: only what comes after it is counted.
    if (this.#roundStartMs === undefined) {
      this.#roundStartMs = nowMs;
      return;
    }
    this.#roundBytes += bytes;
    const elapsedMs = nowMs - this.#roundStartMs;
    if (elapsedMs >= Math.max(MIN_ROUND_MS, this.minRttMs ?? 0)) this.#endRound(elapsedMs);
  }

  #endRound(elapsedMs: number): void {
    const bytesPerSecond = (this.#roundBytes * 1_000) / elapsedMs;
    this.#roundStartMs = (this.#roundStartMs ?? 0) + elapsedMs;
    this.#roundBytes = 0;
    this.#rate.record(bytesPerSecond, this.#round++);
    const rate = this.bytesPerSecond ?? 0;
    if (rate >= this.#fullRate * GROWTH) {
      this.#fullRate = rate;
      this.#fullRounds = 0;
    } else {
      // A line that became slower, or a pause, makes growing possible again.
      this.#fullRate = Math.min(this.#fullRate, rate);
      this.#fullRounds += 1;
    }
  }
}
