import type { Clock, Timer } from "@net/core";
import { TokenBucket } from "@net/qos";

export interface RelayQuotaOptions {
  /** What is passed on for one neighbour, whoever it comes from. */
  readonly bytesPerSecond: number;
  readonly framesPerSecond: number;
  readonly clock: Clock;
}

/** Seconds' worth of the rate that may pass at once after a pause. */
const BURST_SECONDS = 0.25;

interface Waiting {
  readonly bytes: number;
  readonly forward: () => void;
  readonly failed: (error: unknown) => void;
}

/** What one neighbour sends through this peer. */
interface Flow {
  readonly bytes: TokenBucket;
  readonly frames: TokenBucket;
  readonly waiting: Waiting[];
  timer: Timer | undefined;
}

/**
 * How much each neighbour may send through this peer. What comes faster waits, in its order: since it then takes room here,
 * the neighbour gets no new credit, and slows down.
 */
export class RelayQuota {
  readonly #options: RelayQuotaOptions;
  readonly #flows = new Map<string, Flow>();

  constructor(options: RelayQuotaOptions) {
    this.#options = options;
  }

  /** Forwards now or later. @param failed what `forward` throws later. @throws what `forward` throws now. */
  pass(neighbour: string, bytes: number, forward: () => void, failed: Waiting["failed"]): void {
    const flow = this.#flow(neighbour);
    const nowMs = this.#options.clock.monotonicMs();
    if (flow.waiting.length === 0 && mayPass(flow, bytes, nowMs)) {
      forward();
      return;
    }
    flow.waiting.push({ bytes, forward, failed });
    this.#arm(flow, nowMs);
  }

  /** That neighbour is gone, and nothing that it sent is passed on any more. */
  forget(neighbour: string): void {
    this.#flows.get(neighbour)?.timer?.cancel();
    this.#flows.delete(neighbour);
  }

  close(): void {
    for (const neighbour of [...this.#flows.keys()]) this.forget(neighbour);
  }

  #flow(neighbour: string): Flow {
    const known = this.#flows.get(neighbour);
    if (known) return known;
    const { bytesPerSecond, framesPerSecond, clock } = this.#options;
    const nowMs = clock.monotonicMs();
    const [bytes, frames] = [bucket(bytesPerSecond, nowMs), bucket(framesPerSecond, nowMs)];
    const flow: Flow = { bytes, frames, waiting: [], timer: undefined };
    this.#flows.set(neighbour, flow);
    return flow;
  }

  #arm(flow: Flow, nowMs: number): void {
    const [first] = flow.waiting;
    if (!first || flow.timer) return;
    flow.timer = this.#options.clock.setTimeout(
      () => {
        flow.timer = undefined;
        this.#release(flow);
      },
      Math.max(flow.bytes.waitMs(first.bytes, nowMs), flow.frames.waitMs(1, nowMs)),
    );
  }

  #release(flow: Flow): void {
    const nowMs = this.#options.clock.monotonicMs();
    let [next] = flow.waiting;
    while (next && mayPass(flow, next.bytes, nowMs)) {
      flow.waiting.shift();
      try {
        next.forward();
      } catch (error) {
        next.failed(error);
      }
      [next] = flow.waiting;
    }
    this.#arm(flow, nowMs);
  }
}

function bucket(perSecond: number, nowMs: number): TokenBucket {
  const burstBytes = Math.max(1, perSecond * BURST_SECONDS);
  return new TokenBucket({ bytesPerSecond: perSecond, burstBytes, nowMs });
}

/** Both or none. */
function mayPass({ bytes, frames }: Flow, size: number, nowMs: number): boolean {
  return frames.waitMs(1, nowMs) === 0 && bytes.tryTake(size, nowMs) && frames.tryTake(1, nowMs);
}
