import type { Graph } from "../graph/graph.ts";
import { type IsDown, reachableFrom } from "./breadth-first.ts";
import { type Cuts, findCuts } from "./cuts.ts";

/** One failure that would cut nodes off. Nodes are numbers. */
export interface NodeRisk {
  /** The two ends of a bridge, or one cut vertex. */
  readonly cause: readonly number[];
  /** Those that would be cut off from the one that looks; if it is the cause itself, all but the largest part. */
  readonly isolates: readonly number[];
  /** Two nodes; a link between them would make that failure harmless, or cut off fewer. */
  readonly cure: readonly [number, number] | undefined;
}

/** Candidates are looked at in order of how much they cut off, and no more of them than this. */
const MAX_RISKS = 32;

/**
 * The worst single failures for `self`: bridges and cut vertices, those first that cut off most.
 *
 * @param limit at most so many.
 */
export function risksFor(graph: Graph, self: number, limit: number = MAX_RISKS): NodeRisk[] {
  const reach = new Set(reachableFrom(graph, self));
  const causes = causesOf(findCuts(graph, self)).filter(([node]) => reach.has(node as number));
  return causes
    .slice(0, limit)
    .map((cause) => riskOf(graph, self, cause, reach))
    .filter(({ isolates }) => isolates.length > 0)
    .sort((a, b) => b.isolates.length - a.isolates.length);
}

function causesOf({ bridges, cutVertices }: Cuts): number[][] {
  return [
    ...bridges.map(({ near, far, behind }) => ({ cause: [near, far], behind })),
    ...cutVertices.map(({ node, behind }) => ({ cause: [node], behind })),
  ]
    .sort((a, b) => b.behind - a.behind)
    .map(({ cause }) => cause);
}

function riskOf(
  graph: Graph,
  self: number,
  cause: readonly number[],
  reach: ReadonlySet<number>,
): NodeRisk {
  const [kept, isolates] =
    cause[0] === self && cause.length === 1
      ? splitAround(graph, self, reach)
      : splitWithout(graph, self, cause, reach);
  const isBridge = cause.length === 2;
  const near = isBridge ? cause.find((node) => kept.includes(node)) : undefined;
  const far = isBridge ? cause.find((node) => node !== near) : undefined;
  const inner = bestEnd(graph, kept, near);
  const outer = bestEnd(graph, isolates, far);
  const isNew = inner !== undefined && outer !== undefined && !(inner === near && outer === far);
  return { cause, isolates, cure: isNew ? [inner, outer] : undefined };
}

/** Who stays within reach, and who does not, when a link or another node fails: each nearest first. */
function splitWithout(
  graph: Graph,
  self: number,
  [a, b]: readonly number[],
  reach: ReadonlySet<number>,
): [number[], number[]] {
  const isDown: IsDown =
    b === undefined
      ? (_from, to) => to === a
      : (from, to) => (from === a && to === b) || (from === b && to === a);
  const kept = new Set(reachableFrom(graph, self, isDown));
  const others = b === undefined ? [...reach].filter((node) => node !== a) : [...reach];
  return [others.filter((node) => kept.has(node)), others.filter((node) => !kept.has(node))];
}

/** If the node that looks fails: who is in the largest part that is left, and all others. */
function splitAround(graph: Graph, self: number, reach: ReadonlySet<number>): [number[], number[]] {
  const others = [...reach].filter((node) => node !== self);
  const seen = new Set<number>();
  let largest = new Set<number>();
  for (const node of others) {
    if (seen.has(node)) continue;
    const part = new Set(reachableFrom(graph, node, (_from, to) => to === self));
    for (const each of part) seen.add(each);
    if (part.size > largest.size) largest = part;
  }
  return [others.filter((node) => largest.has(node)), others.filter((node) => !largest.has(node))];
}

/**
 * The end of a new link on one side: far out, so that it cures most of what lies between; a relay, unless it is there alone;
 * and not the one at the end of the bridge if there is any other.
 */
function bestEnd(
  graph: Graph,
  side: readonly number[],
  bridgeEnd: number | undefined,
): number | undefined {
  if (side.length === 1) return side[0];
  const relays = side.filter((node) => graph.relays[node] === 1);
  return relays.findLast((node) => node !== bridgeEnd) ?? relays[0];
}
