import { type Clock, ConnectionError, deadline, OverloadedError, onAbort } from "@net/core";
import type { RetryPolicy } from "@net/qos";
import type { ToolCandidate } from "@net/routing";
import { CallQuality } from "../../src/calls/call-quality.ts";
import type { Invocation } from "../../src/calls/question.ts";
import type { ExecutionNetwork } from "../../src/executor/attachment.ts";
import { hashArgs } from "../../src/ledger/args-hash.ts";
import { ResultLedger } from "../../src/ledger/result-ledger.ts";
import type { LivenessState } from "../../src/liveness/verdict.ts";
import { failure, type Outcome, success } from "../../src/tools/outcome.ts";

/** Runs a call; may end it whenever it likes. */
export type SimHandler = (invocation: Invocation, peer: SimPeer) => Outcome | Promise<Outcome>;

/** How long a peer is silent before it is suspected, and before its calls are lost, in ms. */
export const SUSPECT_AFTER = 2_000;
export const DEAD_AFTER = 10_000;

/** Takes `args.ms` of one of the peer's slots; or is at its end at once. */
export const work: SimHandler = async ({ args, signal }, peer) => {
  const { ms = 0 } = (args ?? {}) as { readonly ms?: number };
  if (ms > 0) await peer.work(ms, signal);
  return success(peer.peerId);
};

/** A peer, and the process that plays it. */
export class SimPeer {
  readonly peerId: string;
  readonly slowness: number;
  readonly #clock: Clock;
  handler: SimHandler = work;
  idempotent = true;
  state: LivenessState = "alive";
  reachable = true;
  incarnation = 1;
  ledger: ResultLedger;
  /** Every run that began, in order: the tool and its key. */
  runs: string[] = [];
  readonly suspicions: Set<() => void> = new Set();
  /** Loses the calls that wait for an answer. */
  readonly pending: Set<() => void> = new Set();
  /** Answers are thrown away, and the call is lost. */
  losesAnswers = false;
  #freeAtMs: number[] = [0];
  #frozen: PromiseWithResolvers<void> | undefined;

  constructor(peerId: string, clock: Clock, slowness = 1) {
    this.peerId = peerId;
    this.slowness = slowness;
    this.#clock = clock;
    this.ledger = new ResultLedger({ clock });
  }

  /** How many calls run at the same time; each takes so many times longer. */
  set slots(count: number) {
    this.#freeAtMs = Array.from({ length: count }, () => 0);
  }

  /** Waits for a slot and takes it so long. One that is given up while it waits still takes its time. */
  async work(ms: number, signal?: AbortSignal): Promise<void> {
    const nowMs = this.#clock.monotonicMs();
    const next = this.#freeAtMs.indexOf(Math.min(...this.#freeAtMs));
    const startMs = Math.max(nowMs, this.#freeAtMs[next] ?? 0);
    const endMs = startMs + ms * this.slowness * this.#freeAtMs.length;
    this.#freeAtMs[next] = endMs;
    const { promise, resolve } = Promise.withResolvers<void>();
    using _timer = this.#clock.setTimeout(resolve, endMs - nowMs);
    using _abort = onAbort(signal, resolve);
    await promise;
  }

  /** As SIGSTOP: suspected and declared dead in due time. */
  freeze(): void {
    this.#frozen = Promise.withResolvers();
    const frozen = this.#frozen;
    this.#clock.setTimeout(() => this.#frozen === frozen && this.suspect(), SUSPECT_AFTER);
    this.#clock.setTimeout(() => this.#frozen === frozen && this.die(), DEAD_AFTER);
  }

  thaw(): void {
    this.#frozen?.resolve();
    this.#frozen = undefined;
    this.state = "alive";
    this.reachable = true;
  }

  suspect(): void {
    this.state = "suspect";
    for (const callback of [...this.suspicions]) callback();
  }

  /** The way there is lost, and with it what has no answer. */
  die(): void {
    this.state = "dead";
    this.reachable = false;
    for (const lose of [...this.pending]) lose();
  }

  /** The way there breaks and is made anew. */
  flap(): void {
    for (const lose of [...this.pending]) lose();
  }

  /** Another process, which knows nothing. */
  restart(): void {
    this.incarnation += 1;
    this.ledger.close();
    this.ledger = new ResultLedger({ clock: this.#clock });
    this.flap();
  }

  async awake(): Promise<void> {
    await this.#frozen?.promise;
  }
}

/** A network of peers that are played, on a fake clock. Calls here take no time on their way. */
export class SimNetwork implements ExecutionNetwork {
  readonly peerId = "caller";
  readonly capabilities: readonly string[] = [];
  readonly quality: CallQuality;
  retryPolicy?: () => RetryPolicy;
  ledger?: ResultLedger;
  owner?: string;
  readonly peers: Map<string, SimPeer> = new Map();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.quality = new CallQuality(clock);
  }

  peer(peerId: string, slowness?: number): SimPeer {
    const peer = new SimPeer(peerId, this.#clock, slowness);
    this.peers.set(peerId, peer);
    return peer;
  }

  candidates(): ToolCandidate[] {
    const reachable = [...this.peers.values()].filter((peer) => peer.reachable);
    return reachable.map(({ peerId }) => ({ peerId, tools: ["work"], capabilities: [] }));
  }

  isIdempotent(peerId: string): boolean {
    return this.peers.get(peerId)?.idempotent ?? false;
  }

  state(peerId: string): LivenessState {
    return this.peers.get(peerId)?.state ?? "dead";
  }

  incarnation(peerId: string): string | undefined {
    const peer = this.peers.get(peerId);
    return peer?.reachable ? `${peer.incarnation}` : undefined;
  }

  onSuspect(peerId: string, callback: () => void): Disposable {
    const suspicions = this.peers.get(peerId)?.suspicions;
    suspicions?.add(callback);
    return { [Symbol.dispose]: () => void suspicions?.delete(callback) };
  }

  async invoke(peerId: string, invocation: Invocation): Promise<Outcome> {
    const peer = this.peers.get(peerId);
    if (!peer?.reachable) return failure("not-run", new ConnectionError("no way there"));
    const tracked = this.quality.start(peerId, invocation.tool);
    const outcome = await this.#exchange(peer, invocation);
    tracked.end(outcome);
    return outcome;
  }

  async #exchange(peer: SimPeer, invocation: Invocation): Promise<Outcome> {
    const outer = invocation.limit?.signal ?? invocation.signal;
    using limit = deadline(invocation.deadlineMs, outer, { clock: this.#clock });
    const { promise, resolve } = Promise.withResolvers<Outcome>();
    const lost = new AbortController();
    const lose = (): void => {
      lost.abort();
      resolve(failure("lost", new ConnectionError("lost", { code: "CONNECTION_LOST" })));
    };
    peer.pending.add(lose);
    using _limit = onAbort(limit.signal, () => {
      resolve(failure("given-up", limit.signal.reason));
    });
    void this.#serve(peer, invocation, limit.signal, lost.signal).then((outcome) =>
      peer.losesAnswers ? lose() : resolve(outcome),
    );
    try {
      return await promise;
    } finally {
      peer.pending.delete(lose);
    }
  }

  async #serve(
    peer: SimPeer,
    invocation: Invocation,
    signal: AbortSignal,
    lost: AbortSignal,
  ): Promise<Outcome> {
    await peer.awake();
    const { tool, idempotencyKey: key } = invocation;
    const run = async (cancelled: AbortSignal): Promise<Outcome> => {
      peer.runs.push(key === undefined ? tool : `${tool} ${key}`);
      return await peer.handler({ ...invocation, limit: undefined, signal: cancelled }, peer);
    };
    const call = { owner: this.peerId, tool, key: key ?? "", argsHash: hashArgs(invocation.args) };
    const outcome = await (key === undefined
      ? run(signal)
      : peer.ledger.run(call, { signal, lost }, (shared) => run(shared.signal)));
    await peer.awake();
    return outcome;
  }
}

export const busy: Outcome = failure("not-run", new OverloadedError("busy"));
