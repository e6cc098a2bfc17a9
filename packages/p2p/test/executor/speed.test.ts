import { type Rng, seededRng } from "@net/core";
import { expect, test } from "vitest";
import { Simulation } from "./simulation.ts";

// Eight peers, one of them ten times slower, at 70 % load: calls come at random (Poisson), and take 10 ms on average.

const SLOWNESSES = [10, 1, 1, 1, 1, 1, 1, 1];
const CAPACITY = SLOWNESSES.reduce((sum, slowness) => sum + 1 / slowness, 0);
const MEAN_MS = 10;
const LOAD = 0.7;
const CALLS = 5_000;

interface Arrival {
  readonly gapMs: number;
  readonly ms: number;
}

const lengths: Readonly<Record<string, (rng: Rng) => number>> = {
  exponential: (rng) => exponential(rng, MEAN_MS),
  even: () => MEAN_MS,
};

function exponential(rng: Rng, mean: number): number {
  return -Math.log(1 - rng.next()) * mean;
}

function arrivals(seed: number, length: (rng: Rng) => number): Arrival[] {
  const rng = seededRng(seed);
  const gap = MEAN_MS / (LOAD * CAPACITY);
  return Array.from({ length: CALLS }, () => ({ gapMs: exponential(rng, gap), ms: length(rng) }));
}

function p99(latenciesMs: readonly number[]): number {
  return [...latenciesMs].sort((a, b) => a - b)[Math.ceil(latenciesMs.length * 0.99) - 1] ?? 0;
}

/** The best possible assignment: it knows how fast each peer is, and when each of its slots is free. */
function best(calls: readonly Arrival[], slots: number): number[] {
  const free = SLOWNESSES.map(() => Array.from({ length: slots }, () => 0));
  let nowMs = 0;
  return calls.map(({ gapMs, ms }) => {
    nowMs += gapMs;
    const ends = free.map((freeAtMs, peer) => {
      const startMs = Math.max(nowMs, Math.min(...freeAtMs));
      return startMs + ms * slots * (SLOWNESSES[peer] ?? 1);
    });
    const endMs = Math.min(...ends);
    const peer = free[ends.indexOf(endMs)] ?? [];
    peer[peer.indexOf(Math.min(...peer))] = endMs;
    return endMs - nowMs;
  });
}

async function measured(calls: readonly Arrival[], slots: number): Promise<number[]> {
  const { clock, network, executor } = new Simulation();
  for (const [index, slowness] of SLOWNESSES.entries()) {
    network.peer(`peer ${index}`, slowness).slots = slots;
  }
  const latenciesMs: number[] = [];
  const next = (index: number): void => {
    const { gapMs, ms } = calls[index] ?? { gapMs: Number.POSITIVE_INFINITY, ms: 0 };
    clock.setTimeout(() => {
      const startMs = clock.monotonicMs();
      const took = (): void => void latenciesMs.push(clock.monotonicMs() - startMs);
      void executor.execute("work", { ms }).then(took);
      next(index + 1);
    }, gapMs);
  };
  next(0);
  await clock.advance(60_000);
  return latenciesMs;
}

test.each([
  { length: "exponential", slots: 4 },
  { length: "exponential", slots: 1 },
])(
  "the 99th percentile stays within 1.3 × of the best possible: $length, $slots at a time",
  async ({ length, slots }) => {
    const calls = arrivals(1, lengths[length] ?? (() => MEAN_MS));
    const latenciesMs = await measured(calls, slots);

    expect(latenciesMs).toHaveLength(CALLS);
    expect(p99(latenciesMs) / p99(best(calls, slots))).toBeLessThan(1.3);
  },
);
