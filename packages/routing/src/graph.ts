/** What one node says about its way to a neighbour. */
export interface Arc {
  readonly costUs: number;
  readonly rttMs?: number;
}

/** Every node by id, with its own links by neighbour. */
export type LinkTable = ReadonlyMap<string, ReadonlyMap<string, Arc>>;

/**
 * A directed graph in compressed sparse rows: the arcs of node `u` are those from `offsets[u]` up to, not
 * including, `offsets[u + 1]`. Ids are interned: inside, a node is a number.
 */
export interface Graph {
  readonly ids: readonly string[];
  readonly indexOf: ReadonlyMap<string, number>;
  readonly offsets: Uint32Array;
  readonly targets: Uint32Array;
  readonly costsUs: Uint32Array;
  /** NaN where nothing was measured. */
  readonly rttsMs: Float64Array;
}

/**
 * Builds the graph of all links that both ends list, as OSPF checks for links back (RFC 2328 §16.1): a node that
 * still advertises a link to one that has lost it, or claims a link to one that knows nothing of it, changes no
 * route. So every arc has a counterpart, each with its own cost.
 */
export function buildGraph(table: LinkTable): Graph {
  const ids = [...table.keys()];
  const indexOf = new Map(ids.map((id, index) => [id, index]));
  const offsets = new Uint32Array(ids.length + 1);
  const targets: number[] = [];
  const arcs: Arc[] = [];
  for (const [node, id] of ids.entries()) {
    for (const [neighbour, arc] of mutualLinks(table, id)) {
      targets.push(indexOf.get(neighbour) as number);
      arcs.push(arc);
    }
    offsets[node + 1] = targets.length;
  }
  return {
    ids,
    indexOf,
    offsets,
    targets: Uint32Array.from(targets),
    costsUs: Uint32Array.from(arcs, (arc) => arc.costUs),
    rttsMs: Float64Array.from(arcs, (arc) => arc.rttMs ?? Number.NaN),
  };
}

/** The links of one node that their other end lists too. */
function* mutualLinks(table: LinkTable, id: string): Generator<[neighbour: string, arc: Arc]> {
  for (const link of table.get(id) ?? []) {
    if (table.get(link[0])?.has(id)) yield link;
  }
}
