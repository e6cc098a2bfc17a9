import { ARC_WORDS, type Graph, nodeLimit } from "../graph/graph.ts";
import { HOP_WEIGHT_US } from "../graph/weight.ts";
import type { NodePath, Obstacles } from "./path-search.ts";

interface Step {
  readonly over: number;
  readonly weightUs: number;
}

/** Nodes to which a way of exactly so many links is better than all shorter ones. */
type Layer = ReadonlyMap<number, Step>;

/** The cheapest way of at most so many links: Bellman and Ford's, one round for each link. */
export function boundedPath(
  graph: Graph,
  [from, to]: readonly [from: number, to: number],
  maxHops: number,
  obstacles: Obstacles = {},
): NodePath | undefined {
  const bestUs = new Float64Array(nodeLimit(graph)).fill(Number.POSITIVE_INFINITY);
  bestUs[from] = 0;
  let layer: Layer = new Map([[from, { over: -1, weightUs: 0 }]]);
  const layers = [layer];
  while (layers.length <= maxHops && layer.size > 0) {
    layer = nextLayer(graph, layer, bestUs, { ...obstacles, from, to });
    layers.push(layer);
  }
  return bestUs[to] === Number.POSITIVE_INFINITY ? undefined : pathOf(layers, to);
}

function nextLayer(
  graph: Graph,
  layer: Layer,
  bestUs: Float64Array,
  { nodes, afterSource, from, to }: Obstacles & { readonly from: number; readonly to: number },
): Layer {
  const { arcs, starts, degrees, relays } = graph;
  const next = new Map<number, Step>();
  for (const [node, { weightUs }] of layer) {
    if (node === to || (relays[node] === 0 && node !== from)) continue;
    const except = node === from ? afterSource : undefined;
    const end = (starts[node] as number) + (degrees[node] as number) * ARC_WORDS;
    for (let arc = starts[node] as number; arc < end; arc += ARC_WORDS) {
      const target = arcs[arc] as number;
      const overUs = weightUs + (arcs[arc + 1] as number) + HOP_WEIGHT_US;
      if (overUs >= (bestUs[target] as number)) continue;
      if (nodes?.[target] === 1 || except?.has(target)) continue;
      bestUs[target] = overUs;
      next.set(target, { over: node, weightUs: overUs });
    }
  }
  return next;
}

/** Back from the last layer in which the target got better. */
function pathOf(layers: readonly Layer[], to: number): NodePath {
  const hops = layers.findLastIndex((layer) => layer.has(to));
  const stepTo = (node: number, layer: number): Step => (layers[layer] as Layer).get(node) as Step;
  const nodes = [to];
  for (let layer = hops; layer > 0; layer--) {
    nodes.push(stepTo(nodes.at(-1) as number, layer).over);
  }
  return { nodes: nodes.reverse(), weightUs: stepTo(to, hops).weightUs };
}
