import { type Clock, LinkedList, type ListEntry, LruMap } from "@net/core";
import type { PeerQuality } from "@net/routing";
import type { Failure, Outcome } from "../tools/outcome.ts";

/** How much the newest call moves what is typical. */
const WEIGHT = 0.05;
/** How long a past call weighs, in ms: after so long without another, what it showed has shrunk to a third. Finagle's default. */
const DECAY_TIME = 10_000;
/** How many times slower than typical a call counts that got no answer: a peer that fails fast must not look fast. */
const LOST_SLOWNESS = 100;
/** How long a peer that said it is busy gets no new calls while others can take them, in ms. */
const BUSY_REST = 100;
/** No tool is quicker: what is below is noise. */
const MIN_TYPICAL_MS = 1;
/** The most tools remembered; the one not asked for longest is forgotten first. */
const MAX_TOOLS = 1_024;

/** A call under way. Only the first ending counts. */
export interface TrackedCall {
  /** @returns when it ended, by the clock's monotonic time. */
  end(outcome: Outcome): number;
}

interface InFlight {
  readonly tool: string;
  readonly startMs: number;
}

interface Seen {
  /** In the order they began. */
  readonly inFlight: LinkedList<InFlight>;
  /** How many times longer than typical its calls took; undefined before the first one ended. */
  slowness: number | undefined;
  atMs: number;
  busyUntilMs: number;
}

/**
 * What this peer has seen of calls: how long they take, and how many wait, at each peer. Feeds a `ToolRouter`.
 *
 * A call is measured against what is typical of its tool, over all peers: who runs long tools is not slow for that. What takes
 * longer than expected counts at once, also while it is still under way, and what is quicker bit by bit, as in Finagle's
 * "Peak EWMA" balancer; without calls a peer becomes typical again, so that it is given another chance.
 */
export class CallQuality implements PeerQuality {
  readonly #clock: Clock;
  readonly #peers = new Map<string, Seen>();
  readonly #typicalMs = new LruMap<string, number>(MAX_TOOLS);
  /** Of all tools together, which turns slowness into ms. */
  #commonMs: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How long a typical call would take there; undefined for a peer of which nothing is known. */
  latencyMs(peerId: string): number | undefined {
    const seen = this.#peers.get(peerId);
    const slowness = seen && this.#slowness(seen, this.#clock.monotonicMs());
    return slowness === undefined ? undefined : slowness * (this.#commonMs ?? 0);
  }

  pending(peerId: string): number {
    return this.#peers.get(peerId)?.inFlight.size ?? 0;
  }

  /** False for a moment after it said that it is busy. */
  isHealthy(peerId: string): boolean {
    return (this.#peers.get(peerId)?.busyUntilMs ?? 0) <= this.#clock.monotonicMs();
  }

  /**
   * A call begins. Without a tool's name it counts as one of a tool of its own.
   *
   * @param startMs by the clock's monotonic time, of somebody who has just read it. Default: it is read.
   */
  start(peerId: string, tool = "", startMs: number = this.#clock.monotonicMs()): TrackedCall {
    const seen = this.#of(peerId);
    const call: InFlight = { tool, startMs };
    const place = seen.inFlight.add(call);
    return { end: (outcome) => this.#end(peerId, seen, place, outcome) };
  }

  /** Drops what was seen of a peer that is gone; its calls under way still count. */
  forget(peerId: string): void {
    const seen = this.#peers.get(peerId);
    if (seen?.inFlight.size === 0) this.#peers.delete(peerId);
    else if (seen) seen.slowness = undefined;
  }

  #end(peerId: string, seen: Seen, place: ListEntry<InFlight>, outcome: Outcome): number {
    const nowMs = this.#clock.monotonicMs();
    if (place.list) this.#ended(peerId, seen, place, outcome, nowMs);
    return nowMs;
  }

  #ended(
    peerId: string,
    seen: Seen,
    place: ListEntry<InFlight>,
    outcome: Outcome,
    nowMs: number,
  ): void {
    place.remove();
    const call = place.value;
    const tookMs = nowMs - call.startMs;
    if (outcome.ok || outcome.fate === "failed") this.#answered(seen, call.tool, tookMs, nowMs);
    else if (isBusy(outcome)) seen.busyUntilMs = nowMs + BUSY_REST;
    else if (outcome.fate === "given-up") this.#outrun(seen, call, nowMs);
    else if (isFaultOfPeer(outcome)) this.#learn(seen, LOST_SLOWNESS, nowMs);
    if (seen.slowness === undefined && seen.inFlight.size === 0) this.#forgetIdle(peerId, seen);
  }

  #answered(seen: Seen, tool: string, tookMs: number, nowMs: number): void {
    const typicalMs = this.#typicalMs.get(tool);
    this.#typicalMs.set(tool, blend(typicalMs, tookMs));
    this.#commonMs = blend(this.#commonMs, tookMs);
    this.#learn(seen, ratio(tookMs, typicalMs) ?? 1, nowMs);
  }

  /** Nobody waited for the end: that it took longer than expected is known all the same. */
  #outrun(seen: Seen, call: InFlight, nowMs: number): void {
    const slowness = this.#age(call, nowMs);
    if (slowness > (decayed(seen, nowMs) ?? 1)) this.#learn(seen, slowness, nowMs);
  }

  #learn(seen: Seen, slowness: number, nowMs: number): void {
    const expected = decayed(seen, nowMs);
    const weight = Math.exp((seen.atMs - nowMs) / DECAY_TIME);
    const isPeak = expected === undefined || slowness > expected;
    seen.slowness = isPeak ? slowness : slowness + (expected - slowness) * weight;
    seen.atMs = nowMs;
  }

  /** What its calls that ended have shown, and the oldest of those that have not. */
  #slowness(seen: Seen, nowMs: number): number | undefined {
    const oldest = seen.inFlight.first;
    const age = oldest && this.#age(oldest, nowMs);
    const learned = decayed(seen, nowMs);
    if (learned === undefined) return age !== undefined && age > 1 ? age : undefined;
    return Math.max(learned, age ?? 0);
  }

  #age({ tool, startMs }: InFlight, nowMs: number): number {
    return ratio(nowMs - startMs, this.#typicalMs.get(tool)) ?? 0;
  }

  #of(peerId: string): Seen {
    const known = this.#peers.get(peerId);
    if (known) return known;
    const seen: Seen = { inFlight: new LinkedList(), slowness: undefined, atMs: 0, busyUntilMs: 0 };
    this.#peers.set(peerId, seen);
    return seen;
  }

  #forgetIdle(peerId: string, seen: Seen): void {
    const isResting = seen.busyUntilMs > this.#clock.monotonicMs();
    if (!isResting && this.#peers.get(peerId) === seen) this.#peers.delete(peerId);
  }
}

/** Without calls a peer becomes typical again. */
function decayed({ slowness, atMs }: Seen, nowMs: number): number | undefined {
  if (slowness === undefined || slowness === 1) return slowness;
  return 1 + (slowness - 1) * Math.exp((atMs - nowMs) / DECAY_TIME);
}

function blend(known: number | undefined, tookMs: number): number {
  return known === undefined ? tookMs : known + WEIGHT * (tookMs - known);
}

/** Undefined where nothing is typical yet. */
function ratio(tookMs: number, typicalMs: number | undefined): number | undefined {
  return typicalMs === undefined ? undefined : tookMs / Math.max(typicalMs, MIN_TYPICAL_MS);
}

/** It is well, but has enough to do. */
function isBusy({ fate, error }: Failure): boolean {
  return fate === "not-run" && (error.code === "OVERLOADED" || error.code === "RATE_LIMITED");
}

/** It was lost or out of reach; not that the caller asked for the wrong thing. */
function isFaultOfPeer({ fate, error }: Failure): boolean {
  return fate === "lost" || (fate === "not-run" && error.retryable);
}
