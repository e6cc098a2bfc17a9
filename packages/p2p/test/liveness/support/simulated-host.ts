import type { Clock, Timer } from "@net/core";
import type { FakeClock } from "@net/core/testing";

interface Waiting {
  readonly run: () => void;
  readonly dueMs: number;
  timer?: Timer;
}

/** What sums of fractions of a millisecond may be off by. */
const ROUNDING_MS = 1e-6;

/**
 * The clock of one machine, on the clock of the simulation. While the process is stopped its timers do not ring; those
 * that were due ring as soon as it goes on, before any frame that waited is read, as libuv does it.
 */
export class SimulatedHost implements Clock {
  readonly #base: FakeClock;
  readonly #set = new Set<Waiting>();
  readonly #late = new Set<Waiting>();
  readonly #inbox: (() => void)[] = [];
  #isStopped = false;
  #isDead = false;
  /** The monotonic clock stood still for so long. */
  #asleepMs = 0;
  #sleepsSinceMs: number | undefined;
  /** How wrong its wall clock is. */
  wallErrorMs = 0;

  constructor(base: FakeClock) {
    this.#base = base;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  nowMs(): number {
    return this.#base.nowMs() + this.wallErrorMs;
  }

  monotonicMs(): number {
    const now = this.#sleepsSinceMs ?? this.#base.monotonicMs();
    return now - this.#asleepMs;
  }

  setTimeout(callback: () => void, delay: number): Timer {
    const waiting: Waiting = {
      run: callback,
      dueMs: this.monotonicMs() + Math.max(0, delay),
    };
    if (!this.#isDead) {
      this.#set.add(waiting);
      this.#wait(waiting);
    }
    const cancel = (): void => this.#drop(waiting);
    return { cancel, [Symbol.dispose]: cancel };
  }

  setInterval(callback: () => void, period: number): Timer {
    let timer: Timer;
    const ring = (): void => {
      timer = this.setTimeout(ring, period);
      callback();
    };
    timer = this.setTimeout(ring, period);
    const cancel = (): void => timer.cancel();
    return { cancel, [Symbol.dispose]: cancel };
  }

  /** A frame arrives: read when the process runs. */
  deliver(read: () => void): void {
    if (this.#isStopped) this.#inbox.push(read);
    else read();
  }

  /** SIGSTOP, or a blocked event loop. */
  stop(): void {
    this.#isStopped = true;
  }

  /** The machine sleeps, and what arrives is lost. Its monotonic clock stands still, as on Linux, or goes on, as on macOS. */
  suspend(monotonic: "stands still" | "goes on"): void {
    this.stop();
    if (monotonic === "stands still") this.#sleepsSinceMs = this.#base.monotonicMs();
  }

  /** SIGCONT, or the machine wakes. */
  resume({ losesFrames = false }: { readonly losesFrames?: boolean } = {}): void {
    if (this.#sleepsSinceMs !== undefined) {
      this.#asleepMs += this.#base.monotonicMs() - this.#sleepsSinceMs;
      this.#sleepsSinceMs = undefined;
    }
    this.#isStopped = false;
    const late = [...this.#late].sort((a, b) => a.dueMs - b.dueMs);
    this.#late.clear();
    for (const waiting of late) this.#wait(waiting);
    const inbox = this.#inbox.splice(0);
    const read = (): void => {
      for (const frame of inbox) this.deliver(frame);
    };
    if (!losesFrames) this.#base.setTimeout(read, 0);
  }

  /** SIGKILL: it never runs again, and no timer of it is left. */
  kill(): void {
    this.stop();
    this.#isDead = true;
    for (const waiting of [...this.#set]) this.#drop(waiting);
  }

  /** Nothing of its main thread runs for so long. */
  block(ms: number): void {
    this.stop();
    this.#base.setTimeout(() => this.resume(), ms);
  }

  #wait(waiting: Waiting): void {
    const delay = waiting.dueMs - this.monotonicMs();
    waiting.timer = this.#base.setTimeout(() => this.#ring(waiting), delay);
  }

  #ring(waiting: Waiting): void {
    if (this.#isStopped) this.#late.add(waiting);
    else if (waiting.dueMs - this.monotonicMs() > ROUNDING_MS) this.#wait(waiting);
    else {
      this.#set.delete(waiting);
      waiting.run();
    }
  }

  #drop(waiting: Waiting): void {
    waiting.timer?.cancel();
    this.#set.delete(waiting);
    this.#late.delete(waiting);
  }
}
