import type { Flow } from "./flow.ts";

/** What each flow of a class sends before the next one has its turn. */
const QUANTUM_BYTES = 16 * 1024;

/**
 * The flows of one class that may send: they share its part evenly, by deficit round robin as in RFC 8290 §4.2. There
 * are never more than policies.
 */
export class FlowRing {
  readonly #flows: Flow[] = [];

  get isEmpty(): boolean {
    return this.#flows.length === 0;
  }

  add(flow: Flow): void {
    this.#flows.push(flow);
  }

  remove(flow: Flow): void {
    // Mostly it is the only one.
    if (this.#flows.length === 1) this.#flows.pop();
    else this.#flows.splice(this.#flows.indexOf(flow), 1);
  }

  /** The flow whose turn it is; there must be one. */
  turn(): Flow {
    let flow = this.#flows[0] as Flow;
    if (this.#flows.length === 1) {
      if (flow.deficit <= 0) flow.deficit = QUANTUM_BYTES;
      return flow;
    }
    while (flow.deficit <= 0) {
      flow.deficit += QUANTUM_BYTES;
      this.#flows.push(this.#flows.shift() as Flow);
      flow = this.#flows[0] as Flow;
    }
    return flow;
  }
}
