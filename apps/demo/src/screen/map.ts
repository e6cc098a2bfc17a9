import type { MapEdge } from "../peer/methods.ts";

/** A line through the network as a line of boxes: the one in the middle knows the others. */
export function drawMap(edges: readonly MapEdge[]): string[] {
  const line = lineOf(edges);
  if (!line) return edges.map(({ from, to, rttMs }) => `${from} ──${latency(rttMs)}── ${to}`);
  const [left, middle, right] = line;
  const rttOf = (a: string, b: string): number =>
    edges.find(({ from, to }) => (from === a && to === b) || (from === b && to === a))?.rttMs ?? 0;
  const cells = [
    box(left),
    wire(rttOf(left, middle)),
    box(middle),
    wire(rttOf(middle, right)),
    box(right),
  ];
  return [0, 1, 2].map((row) => cells.map((cell) => cell[row]).join(""));
}

/** The three nodes in order, if the edges form a line of three. */
function lineOf(edges: readonly MapEdge[]): [string, string, string] | undefined {
  const ends = edges.flatMap(({ from, to }) => [from, to]);
  const middle = ends.find((node, i) => ends.indexOf(node) !== i);
  const [left, right] = ends.filter((node) => node !== middle);
  return edges.length === 2 && middle && left && right ? [left, middle, right] : undefined;
}

function box(name: string): [string, string, string] {
  const rule = "─".repeat(name.length + 2);
  return [`┌${rule}┐`, `│ ${name} │`, `└${rule}┘`];
}

function wire(rttMs: number): [string, string, string] {
  const text = latency(rttMs);
  return [` ${text} `, "─".repeat(text.length + 2), " ".repeat(text.length + 2)];
}

function latency(rttMs: number): string {
  return `${rttMs.toFixed(2)} ms`;
}
