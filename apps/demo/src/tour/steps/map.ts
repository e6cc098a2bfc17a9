import { drawMap } from "../../screen/map.ts";
import { expectSeen } from "../expect.ts";
import type { Step } from "../step.ts";

/** What desktop knows of the network, with the latencies that the peers measured. */
export const map: Step = {
  name: "map",
  title: "The map, as desktop sees it",
  async run(world, signal) {
    const { nodes, edges } = await world.peer("desktop").call("map", {}, { signal });
    expectSeen(nodes.length === 3, `desktop knows ${nodes.length} machines, not 3`);
    expectSeen(edges.length === 2, `desktop knows ${edges.length} links, not 2`);
    expectSeen(
      edges.every(({ rttMs }) => rttMs > 0),
      "a link has no measured latency",
    );
    return {
      facts: { nodes, edges: edges.map((edge) => ({ ...edge })) },
      words: `${nodes.length} machines, ${edges.length} links, round trips measured`,
      lines: drawMap(edges),
    };
  },
};
