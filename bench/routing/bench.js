// The graph engine of @net/routing against C++ and against JavaScript's graph libraries; what a change costs when the tree
// is kept right instead of computed anew; and a simulated network of 1,000 nodes.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replay, simulate } from "./adverts.js";
import { print, quick } from "./measure.js";
import { compileReference } from "./reference.js";
import { compareTrees } from "./trees.js";

const SIZES = quick ? [1_000] : [1_000, 10_000, 100_000];

const folder = mkdtempSync(join(tmpdir(), "net-bench-routing-"));
try {
  const reference = compileReference(folder);
  const rows = SIZES.map((nodes) => compareTrees(nodes, reference, folder));
  const head = [
    "nodes",
    "ours, µs",
    "C++ -O3, µs",
    "ours ÷ C++",
    "graphology ÷ ours",
    "ngraph.path, one pair ÷ ours",
  ];
  print(
    "One shortest-path tree of a graph of degree 8, CPU time, best of 5",
    head,
    rows.map(({ tree }) => tree),
  );
  const changeHead = ["nodes", "any arc, µs", "full ÷ any arc", "tree arc, µs", "full ÷ tree arc"];
  print(
    "Keeping the tree right after one arc's cost changed",
    changeHead,
    rows.map(({ change }) => change),
  );
  const buildHead = ["nodes", "built from a list of links, ms", "bytes per node, arcs and tree"];
  print(
    "The graph",
    buildHead,
    rows.map(({ build }) => build),
  );
  replay(quick ? 1_000 : 10_000);
  simulate();
} finally {
  rmSync(folder, { recursive: true });
}
