import type { Clock, Timer } from "@net/core";
import type { ProbeReport, ProbeRequest } from "./messages.ts";
import type { PeerLiveness } from "./peer-liveness.ts";

/** How long the target may take, in ms: so that the report comes before the one who asked makes up its mind. */
const TIMEOUT = 500;
/** The most requests of one neighbour that are under way: three targets' worth of rounds. */
const MAX_PER_ASKER = 8;

export interface ProbesForOthersOptions {
  readonly clock: Clock;
  /** The neighbour, if it is one. */
  readonly neighbour: (peerId: string) => PeerLiveness | undefined;
  readonly report: (asker: string, report: ProbeReport) => void;
}

interface Errand {
  readonly timer: Timer;
  readonly listener: Disposable;
}

/** Probes neighbours on behalf of other neighbours, and says what came of it. */
export class ProbesForOthers implements Disposable {
  readonly #options: ProbesForOthersOptions;
  readonly #errands = new Map<string, Set<Errand>>();

  constructor(options: ProbesForOthersOptions) {
    this.#options = options;
  }

  /** Who asks too much, or for somebody who is no neighbour, gets no answer. */
  run(asker: string, request: ProbeRequest): void {
    const target = this.#options.neighbour(request.target);
    const errands = this.#errands.get(asker) ?? new Set<Errand>();
    if (!target || request.target === asker || errands.size >= MAX_PER_ASKER) return;
    this.#errands.set(asker, errands);
    const end = (reached: boolean): void => {
      this.#finish(asker, errand);
      this.#options.report(asker, { ...request, type: "probe-report", reached });
    };
    const errand: Errand = {
      timer: this.#options.clock.setTimeout(() => end(false), TIMEOUT, { background: true }),
      listener: target.onceHeard(() => end(true)),
    };
    errands.add(errand);
    target.check();
  }

  /** That neighbour is gone: nobody waits for its reports. */
  forget(asker: string): void {
    for (const errand of this.#errands.get(asker) ?? []) this.#finish(asker, errand);
  }

  [Symbol.dispose](): void {
    for (const asker of [...this.#errands.keys()]) this.forget(asker);
  }

  #finish(asker: string, errand: Errand): void {
    errand.timer.cancel();
    errand.listener[Symbol.dispose]();
    const errands = this.#errands.get(asker);
    errands?.delete(errand);
    if (errands?.size === 0) this.#errands.delete(asker);
  }
}
