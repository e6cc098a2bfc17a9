import type { Rng } from "@net/core";
import type { Claim, Claims } from "../src/topology/link-graph.ts";

/** What every node claims of its links. */
export type LinkTable = ReadonlyMap<string, Claims>;

/** A table to write to. */
export type WritableTable = Map<string, Map<string, Claim>>;

/** Links both ways between the pairs, 1000 µs each. */
export function tableOf(
  ids: readonly string[],
  pairs: readonly (readonly [string, string])[],
): WritableTable {
  const table: WritableTable = new Map(ids.map((id) => [id, new Map()]));
  for (const [a, b] of pairs) {
    table.get(a)?.set(b, { costUs: 1_000 });
    table.get(b)?.set(a, { costUs: 1_000 });
  }
  return table;
}

export function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `n${index}`);
}

function pairsOf(ids: readonly string[]): [string, string][] {
  return ids.flatMap((a, i) => ids.slice(i + 1).map((b): [string, string] => [a, b]));
}

export function line(count: number): WritableTable {
  const ids = idsOf(count);
  return tableOf(
    ids,
    ids.slice(1).map((id, i) => [ids[i] as string, id] as const),
  );
}

export function ring(count: number): WritableTable {
  const ids = idsOf(count);
  return tableOf(
    ids,
    ids.map((id, i) => [id, ids[(i + 1) % count] as string] as const),
  );
}

/** The first node in the middle. */
export function star(count: number): WritableTable {
  const [middle, ...others] = idsOf(count);
  return tableOf(
    idsOf(count),
    others.map((id) => [middle as string, id] as const),
  );
}

export function integer(rng: Rng, below: number): number {
  return Math.floor(rng.next() * below);
}

/**
 * A random graph: some links one-sided, costs different per direction and so few of them that ties are common.
 */
export function randomTable(rng: Rng): WritableTable {
  const ids = idsOf(2 + integer(rng, 18));
  const table: WritableTable = new Map(ids.map((id) => [id, new Map()]));
  const density = rng.next();
  for (const [a, b] of pairsOf(ids)) {
    if (rng.next() > density) continue;
    if (rng.next() < 0.9) table.get(a)?.set(b, { costUs: 1 + integer(rng, 4) });
    if (rng.next() < 0.9) table.get(b)?.set(a, { costUs: 1 + integer(rng, 4) });
  }
  return table;
}
