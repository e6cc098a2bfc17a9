import { NetworkTopology } from "@net/routing";
import { expect } from "vitest";
import { shownBy } from "../proofs.ts";
import { done, type Proof, type Row } from "../row.ts";

/** desktop – laptop – gpu-box, seen from the desktop, and a peer that nobody reaches. */
function threeMachines(): NetworkTopology {
  const desktop = new NetworkTopology("desktop");
  const laptop = new NetworkTopology("laptop");
  const gpuBox = new NetworkTopology("gpu-box");
  desktop.observeLink("laptop", { rttMs: 2 });
  laptop.observeLink("desktop", { rttMs: 4 });
  laptop.observeLink("gpu-box", { rttMs: 8 });
  gpuBox.observeLink("laptop", { rttMs: 8 });
  desktop.applyAdvert(laptop.localAdvert());
  desktop.applyAdvert(gpuBox.localAdvert({ capabilities: ["gpu"], tools: ["train"] }));
  return desktop;
}

const statistic = (
  name: keyof ReturnType<NetworkTopology["getNetworkStats"]>,
  value: unknown,
): Proof => {
  return () => expect(threeMachines().getNetworkStats()[name]).toEqual(value);
};

/** `NetworkTopology` and its statistics. */
export const topologyRows: readonly Row[] = [
  done(
    "new NetworkTopology(localPeerId)",
    "the graph as one peer sees it",
    "@net/routing NetworkTopology",
    () => {
      expect(new NetworkTopology("local-peer-id").getNetworkStats().totalNodes).toBe(1);
    },
  ),
  done(
    "NetworkTopology.discoverPeers()",
    "finds all reachable peers",
    "@net/routing NetworkTopology#discoverPeers",
    shownBy(
      "packages/routing/test/topology/discovery.test.ts",
      "peers that are found become known, and are returned with those that can be reached",
    ),
  ),
  done(
    "NetworkTopology.addPeer(peer)",
    "notes a peer",
    "@net/routing NetworkTopology#addPeer",
    () => {
      const topology = new NetworkTopology("laptop");
      topology.addPeer({ peerId: "desktop", name: "Desktop", capabilities: ["gpu"] });
      expect(topology.peer("desktop")).toMatchObject({ name: "Desktop", capabilities: ["gpu"] });
    },
  ),
  done(
    "NetworkTopology.findRoute(destination)",
    "the best path, over relays",
    "@net/routing NetworkTopology#findRoute",
    () => {
      expect(threeMachines().findRoute("gpu-box")).toMatchObject({
        path: ["desktop", "laptop", "gpu-box"],
        hops: 2,
      });
    },
  ),
  done(
    "NetworkTopology.getNetworkStats()",
    "the network in figures",
    "@net/routing NetworkTopology#getNetworkStats",
    () => {
      expect(threeMachines().getNetworkStats()).toMatchObject({ totalNodes: 3, exact: true });
    },
  ),
  done(
    "NetworkTopology.getTopologyGraph()",
    "nodes and edges to draw",
    "@net/routing NetworkTopology#getTopologyGraph",
    () => {
      const { nodes, edges } = threeMachines().getTopologyGraph();
      expect(nodes.map(({ id }) => id)).toEqual(["desktop", "gpu-box", "laptop"]);
      expect(edges).toHaveLength(2);
    },
  ),
  done(
    "Dijkstra's algorithm",
    "paths are the cheapest",
    "packages/routing/src/graph/shortest-path-tree.ts",
    shownBy(
      "packages/routing/test/shortest-path.test.ts",
      "costs and hops equal those of Floyd and Warshall on 500 random graphs",
    ),
  ),
  done(
    "capability advertisement",
    "what a peer can do is known",
    "@net/routing NetworkTopology#localAdvert",
    () => {
      expect(threeMachines().peer("gpu-box")).toMatchObject({
        capabilities: ["gpu"],
        tools: ["train"],
      });
    },
  ),
  done(
    "network partition detection",
    "a part that is cut off is seen",
    "@net/routing NetworkTopology",
    () => {
      const topology = threeMachines();
      topology.addPeer({ peerId: "island" });
      expect(topology.getNetworkStats()).toMatchObject({ partitions: 2, scope: "component" });
    },
  ),
  done("dynamic topology updates", "each change is told", "@net/routing NetworkTopology#on", () => {
    const topology = threeMachines();
    const changes: string[] = [];
    topology.on("topology:updated", ({ change }) => changes.push(change));
    topology.dropLink("laptop");
    expect(changes).toEqual(["link"]);
    expect(topology.findRoute("gpu-box")).toBeUndefined();
  }),
  done(
    "stats.totalNodes",
    "all known nodes",
    "@net/routing NetworkStats",
    statistic("totalNodes", 3),
  ),
  done(
    "stats.directConnections",
    "neighbours",
    "@net/routing NetworkStats",
    statistic("directConnections", 1),
  ),
  done(
    "stats.indirectConnections",
    "nodes behind relays",
    "@net/routing NetworkStats",
    statistic("indirectConnections", 1),
  ),
  done(
    "stats.averageHopCount",
    "hops between two nodes",
    "@net/routing NetworkStats",
    statistic("averageHopCount", 8 / 6),
  ),
  done(
    "stats.averageLatency",
    "ms, over measured links",
    "@net/routing NetworkStats",
    statistic("averageLatency", (2 + 4 + 8 + 8) / 4),
  ),
  done(
    "stats.networkDiameter",
    "the most hops between two nodes",
    "@net/routing NetworkStats",
    statistic("networkDiameter", 2),
  ),
  done(
    "stats.partitions",
    "into how many parts it fell",
    "@net/routing NetworkStats",
    statistic("partitions", 1),
  ),
];
