import type { Level } from "../priority.ts";
import type { Flow } from "./flow.ts";
import { FlowRing } from "./flow-ring.ts";

/** Where flows stand that have frames: among those of their class that may send, or among those that wait for tokens. */
export class FlowPlaces {
  readonly #rings: readonly FlowRing[] = [0, 1, 2, 3].map(() => new FlowRing());
  readonly #shaped = new Set<Flow>();
  #ready = 0;
  #releaseAtMs = Number.POSITIVE_INFINITY;

  /** The classes with flows that may send, as bits: 1 for critical, 2 for high, … */
  get ready(): number {
    return this.#ready;
  }

  /** When the first of those that wait may have its tokens; Infinity if none waits. */
  get releaseAtMs(): number {
    return this.#releaseAtMs;
  }

  /** Any flow that has frames. */
  get any(): Flow | undefined {
    const ring = this.#rings.find(({ isEmpty }) => !isEmpty);
    return ring?.turn() ?? this.#shaped.values().next().value;
  }

  /** The flow whose turn it is in a class that is ready. */
  turn(level: Level): Flow {
    return this.#ring(level).turn();
  }

  /** That flow may send. */
  admit(flow: Flow): void {
    flow.place = "ready";
    this.#ring(flow.level).add(flow);
    this.#ready |= 1 << flow.level;
  }

  /** That flow waits for tokens. */
  shape(flow: Flow, untilMs: number): void {
    this.rest(flow);
    flow.place = "shaped";
    flow.readyAtMs = untilMs;
    this.#shaped.add(flow);
    if (untilMs < this.#releaseAtMs) this.#releaseAtMs = untilMs;
  }

  /** That flow has nothing to send. */
  rest(flow: Flow): void {
    if (flow.place === "ready") this.#leaveRing(flow);
    else if (flow.place === "shaped") this.#leaveShaped(flow);
    flow.place = "idle";
  }

  /** That flow waited for tokens, for a frame that is gone: it may be the next one's turn sooner. */
  readmit(flow: Flow): void {
    this.rest(flow);
    this.admit(flow);
  }

  /** Those whose tokens are there may send again. */
  release(nowMs: number): void {
    if (nowMs < this.#releaseAtMs) return;
    this.#releaseAtMs = Number.POSITIVE_INFINITY;
    for (const flow of this.#shaped) {
      if (flow.readyAtMs > nowMs) {
        this.#releaseAtMs = Math.min(this.#releaseAtMs, flow.readyAtMs);
        continue;
      }
      this.#shaped.delete(flow);
      this.admit(flow);
    }
  }

  #ring(level: Level): FlowRing {
    return this.#rings[level] as FlowRing;
  }

  #leaveRing(flow: Flow): void {
    const ring = this.#ring(flow.level);
    ring.remove(flow);
    if (ring.isEmpty) this.#ready &= ~(1 << flow.level);
  }

  #leaveShaped(flow: Flow): void {
    this.#shaped.delete(flow);
    if (this.#shaped.size === 0) this.#releaseAtMs = Number.POSITIVE_INFINITY;
  }
}
