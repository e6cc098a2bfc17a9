import { ARC_WORDS, findArc, type Graph } from "./graph.ts";
import { makeRoom } from "./space.ts";

/** Adds the link between two nodes, or sets its costs. */
export function setLink(graph: Graph, a: number, b: number, abUs: number, baUs: number): void {
  const known = findArc(graph, a, b);
  if (known !== -1) {
    writeCosts(graph, known, abUs, baUs);
    return;
  }
  makeRoom(graph, a);
  makeRoom(graph, b);
  appendLink(graph, a, b, abUs, baUs);
}

/** Both nodes must have room, and no link yet. */
export function appendLink(graph: Graph, a: number, b: number, abUs: number, baUs: number): void {
  const ab = takeArc(graph, a);
  const ba = takeArc(graph, b);
  writeArc(graph, ab, b, ba);
  writeArc(graph, ba, a, ab);
  writeCosts(graph, ab, abUs, baUs);
}

/** Takes the link between two nodes away; says whether there was one. */
export function removeLink(graph: Graph, a: number, b: number): boolean {
  const ab = findArc(graph, a, b);
  if (ab === -1) return false;
  const ba = graph.backs[ab] as number;
  dropArc(graph, a, ab);
  dropArc(graph, b, ba);
  return true;
}

function writeArc({ arcs, backs }: Graph, arc: number, target: number, back: number): void {
  arcs[arc] = target;
  backs[arc] = back;
}

function writeCosts({ arcs, backs }: Graph, ab: number, abUs: number, baUs: number): void {
  const ba = backs[ab] as number;
  arcs[ab + 1] = abUs;
  backs[ab + 1] = baUs;
  arcs[ba + 1] = baUs;
  backs[ba + 1] = abUs;
}

/** The place of a node's next arc. */
function takeArc({ starts, degrees }: Graph, node: number): number {
  const degree = degrees[node] as number;
  degrees[node] = degree + 1;
  return (starts[node] as number) + degree * ARC_WORDS;
}

/** The node's last arc takes the place of the one that goes. */
function dropArc(graph: Graph, node: number, arc: number): void {
  const { starts, degrees } = graph;
  const degree = (degrees[node] as number) - 1;
  degrees[node] = degree;
  const last = (starts[node] as number) + degree * ARC_WORDS;
  if (last !== arc) moveArc(graph, last, arc);
}

function moveArc({ arcs, backs }: Graph, from: number, to: number): void {
  arcs.copyWithin(to, from, from + ARC_WORDS);
  backs.copyWithin(to, from, from + ARC_WORDS);
  backs[backs[to] as number] = to;
}
