import { systemRng } from "@net/core";
import { type CallResult, DistributedExecutor, type PeerNetwork, ToolExecutor } from "@net/p2p";
import { type News, WAYS, type Way } from "./commands.ts";

/** Between two calls, in ms. */
const PERIOD = 50;
const DEADLINE = 10_000;
/** A timer set for so much after the deadline, in ms, rings after the call's own, however late both are. */
const GRACE = 1_000;
/** Between two tries with the same key, in ms. */
const PAUSE = 100;

/** Calls other peers all the time, and tells what becomes of each call. */
export class Load {
  readonly #network: PeerNetwork;
  readonly #tell: (news: News) => void;
  readonly #executor: DistributedExecutor;
  readonly #pending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #count = 0;

  constructor(network: PeerNetwork, tell: (news: News) => void) {
    this.#network = network;
    this.#tell = tell;
    // Nothing runs here: all calls go to others.
    this.#executor = new DistributedExecutor(new ToolExecutor(), network.router());
  }

  start(): void {
    this.#timer ??= setInterval(() => this.#begin(), PERIOD);
  }

  async end(): Promise<void> {
    clearInterval(this.#timer);
    this.#timer = undefined;
    await Promise.all(this.#pending);
  }

  #begin(): void {
    const number = this.#count++;
    const way = WAYS[number % WAYS.length] as Way;
    // Another process under the same id would use the same numbers.
    const call = this.#call(way, `${this.#network.peerId}.${process.pid}.${number}`);
    this.#pending.add(call);
    void call.finally(() => this.#pending.delete(call));
  }

  async #call(way: Way, id: string): Promise<void> {
    this.#tell({ kind: "called", id, way });
    const overdue = setTimeout(() => this.#tell({ kind: "overdue", id }), DEADLINE + GRACE);
    try {
      const { value, executedOn } = await this.#make(way, id);
      const isRight = JSON.stringify(value) === JSON.stringify([executedOn, id]);
      this.#tell({ kind: "settled", id, outcome: isRight ? "ok" : "WRONG_ANSWER", on: executedOn });
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      this.#tell({ kind: "settled", id, outcome: String(code ?? error) });
    } finally {
      clearTimeout(overdue);
    }
  }

  #make(
    way: Way,
    id: string,
  ): PromiseLike<{ readonly value: unknown; readonly executedOn: string }> {
    const limits = { deadlineMs: DEADLINE };
    const keyed = { ...limits, idempotencyKey: id };
    if (way === "plain") return this.#network.call(this.#anyPeer(), "work", id, limits);
    if (way === "repeated") return this.#repeat(this.#anyPeer(), id, keyed.idempotencyKey);
    if (way === "keyed") return this.#executor.execute("work", id, {}, keyed);
    return this.#executor.execute("look-up", id, {}, limits);
  }

  /** Makes the call anew with its key, as long as its peer was lost. */
  async #repeat(peerId: string, id: string, idempotencyKey: string): Promise<CallResult> {
    const untilMs = performance.now() + DEADLINE;
    for (;;) {
      const deadlineMs = Math.max(0, untilMs - performance.now());
      try {
        return await this.#network.call(peerId, "work", id, { deadlineMs, idempotencyKey });
      } catch (error) {
        const { code } = error as { readonly code?: unknown };
        const isLost = code === "CONNECTION_LOST" || code === "NO_ROUTE";
        if (!isLost || performance.now() + PAUSE >= untilMs) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  /** One that there is, or was a moment ago. */
  #anyPeer(): string {
    const { nodes } = this.#network.getTopologyGraph();
    const others = nodes.filter(({ self }) => !self).map(({ id }) => id);
    return others[Math.floor(systemRng.next() * others.length)] ?? "nobody";
  }
}
