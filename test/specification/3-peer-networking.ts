import { QoSManager } from "@net/qos";
import { NetworkTopology, ToolRouter } from "@net/routing";
import { expect } from "vitest";
import { shownBy } from "./proofs.ts";
import { type Document, done, open, type Proof } from "./row.ts";

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

/** The peer-to-peer networking package. */
export const peerNetworking: Document = {
  title: "peer networking",
  rows: [
    // PeerNetwork
    open("new PeerNetwork(config)", "one machine's end of the mesh", "@net/p2p PeerNetwork", 5),
    open("PeerNetwork.start()", "listens", "@net/p2p PeerNetwork#start", 5),
    open("PeerNetwork.stop()", "ends politely", "@net/p2p PeerNetwork#stop", 5),
    open(
      "PeerNetwork.connectToPeer(host, port, token?)",
      "links to another peer",
      "@net/p2p PeerNetwork#connectToPeer",
      5,
    ),
    open(
      "PeerNetwork.broadcast(message)",
      "reaches every peer",
      "@net/p2p PeerNetwork#broadcast",
      5,
    ),
    open(
      "PeerNetwork.executeRemoteTool(peerId, tool, args)",
      "runs a tool elsewhere",
      "@net/p2p PeerNetwork#executeRemoteTool",
      5,
    ),
    open(
      "PeerNetwork.getConnectedPeers()",
      "who is linked",
      "@net/p2p PeerNetwork#getConnectedPeers",
      5,
    ),
    open(
      "PeerNetwork.getNetworkStats()",
      "the network in figures",
      "@net/p2p PeerNetwork#getNetworkStats",
      5,
    ),
    open(
      "PeerNetwork.getQoSMetrics(peerId)",
      "how good a link is",
      "@net/p2p PeerNetwork#getQoSMetrics",
      5,
    ),
    open(
      "PeerNetwork.generateJWT()",
      "a token that admits a peer",
      "@net/p2p PeerNetwork#generateJWT",
      5,
    ),
    // Its configuration
    open("PeerNetworkConfig.peerId", "its unique name", "@net/p2p PeerNetworkConfig", 5),
    open("PeerNetworkConfig.peerName", "its name for people", "@net/p2p PeerNetworkConfig", 5),
    open("PeerNetworkConfig.port", "8080 unless said", "@net/p2p PeerNetworkConfig", 5),
    open("PeerNetworkConfig.maxPeers", "refuses more", "@net/p2p PeerNetworkConfig", 5),
    open("PeerNetworkConfig.enableTLS", "encrypts links", "@net/p2p PeerNetworkConfig", 5),
    open("PeerNetworkConfig.tlsKey", "the path of the key", "@net/p2p PeerNetworkConfig", 5),
    open(
      "PeerNetworkConfig.tlsCert",
      "the path of the certificate",
      "@net/p2p PeerNetworkConfig",
      5,
    ),
    open("PeerNetworkConfig.jwtSecret", "admits who has it", "@net/p2p PeerNetworkConfig", 5),
    open(
      "PeerNetworkConfig.enableMessageSigning",
      "signs what is sent",
      "@net/p2p PeerNetworkConfig",
      5,
    ),
    open("PeerNetworkConfig.signingKey", "with this key", "@net/p2p PeerNetworkConfig", 5),
    open(
      "PeerNetworkConfig.heartbeatInterval",
      "ms between signs of life",
      "@net/p2p PeerNetworkConfig",
      5,
    ),
    // Its events and types
    open("peer:connected", "a peer was linked; gives the ConnectedPeer", "@net/p2p PeerNetwork", 5),
    open("peer:disconnected", "a peer was lost; gives its id", "@net/p2p PeerNetwork", 5),
    open("message", "a PeerMessage arrived", "@net/p2p PeerNetwork", 5),
    open("topology:updated (PeerNetwork)", "the network changed", "@net/p2p PeerNetwork", 5),
    open("ConnectedPeer.name", "what people call it", "@net/p2p ConnectedPeer", 5),
    open("PeerMessage", "type and data", "@net/p2p PeerMessage", 5),
    // Its features
    open(
      "multi-hop routing of calls",
      "relays pass on what is not for them",
      "@net/p2p PeerNetwork",
      5,
    ),
    open("TLS between peers", "encrypted links", "@net/p2p PeerNetwork", 5),
    open("message signing", "integrity is checked", "@net/p2p PeerNetwork", 5),
    open("JWT admission", "who has no token stays outside", "@net/p2p PeerNetwork", 5),
    open("heartbeats", "a dead peer is noticed", "@net/p2p PeerNetwork", 5),
    open("zero-configuration discovery", "peers on the network are found", "@net/p2p", 5),
    open("socket.io, for browsers", "an edge that speaks it", "@net/server", "later: server"),

    // NetworkTopology
    done(
      "new NetworkTopology(localPeerId)",
      "the graph as one peer sees it",
      "@net/routing NetworkTopology",
      () => {
        expect(new NetworkTopology("local-peer-id").getNetworkStats().totalNodes).toBe(1);
      },
    ),
    open(
      "NetworkTopology.discoverPeers()",
      "finds all reachable peers",
      "@net/routing NetworkTopology#discoverPeers",
      4,
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
      "packages/routing/src/shortest-path.ts",
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
    done(
      "dynamic topology updates",
      "each change is told",
      "@net/routing NetworkTopology#on",
      () => {
        const topology = threeMachines();
        const changes: string[] = [];
        topology.on("topology:updated", ({ change }) => changes.push(change));
        topology.dropLink("laptop");
        expect(changes).toEqual(["link"]);
        expect(topology.findRoute("gpu-box")).toBeUndefined();
      },
    ),
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

    // QoSManager
    done("new QoSManager()", "quality of service", "@net/qos QoSManager", () => {
      expect(new QoSManager().getHealthScore("nobody")).toBe(100);
    }),
    done(
      "QoSManager.setPolicy(messageType, policy)",
      "how a type of message is treated",
      "@net/qos QoSManager#setPolicy",
      () => {
        const qos = new QoSManager();
        const policy = {
          priority: "high",
          maxBandwidth: 10,
          maxLatency: 100,
          retryPolicy: { maxRetries: 5, backoff: "exponential", initialDelay: 500 },
        } as const;
        qos.setPolicy("video-stream", policy);
        expect(qos.getPolicy("video-stream")).toEqual(policy);
      },
    ),
    done(
      "QoSManager.updateMetrics(peerId, metrics)",
      "takes what was measured elsewhere",
      "@net/qos QoSManager#updateMetrics",
      () => {
        const qos = new QoSManager();
        qos.updateMetrics("peer", { rttMs: 10, lossRatio: 0.5 });
        expect(qos.getMetrics("peer")).toMatchObject({ rttMs: 10, lossRatio: 0.5 });
      },
    ),
    done(
      "QoSManager.recordLatency(peerId, rtt)",
      "takes a round trip",
      "@net/qos QoSManager#recordLatency",
      () => {
        const qos = new QoSManager();
        qos.recordLatency("peer", 12);
        expect(qos.getMetrics("peer")?.rttMs).toBe(12);
      },
    ),
    done(
      "QoSManager.getHealthScore(peerId)",
      "0 to 100",
      "@net/qos QoSManager#getHealthScore",
      () => {
        const qos = new QoSManager();
        qos.updateMetrics("good", { rttMs: 1 });
        qos.updateMetrics("bad", { rttMs: 900, lossRatio: 0.4 });
        expect(qos.getHealthScore("good")).toBeGreaterThan(qos.getHealthScore("bad"));
      },
    ),
    open(
      "QoSManager.shouldThrottle(peerId, messageType, size)",
      "whether to wait",
      "@net/qos QoSManager#shouldThrottle",
      4,
    ),
    done(
      "violation:latency",
      "a round trip took longer than its policy allows",
      "@net/qos QoSEvents",
      () => {
        const qos = new QoSManager();
        const told: unknown[] = [];
        qos.on("violation:latency", ({ peerId, latency }) => told.push([peerId, latency]));
        qos.setPolicy("video-stream", { priority: "high", maxLatency: 100 });
        qos.recordLatency("peer", 250);
        expect(told).toEqual([["peer", 250]]);
      },
    ),
    done(
      "policy.priority",
      "critical, high, normal, low",
      "@net/qos Priority",
      shownBy(
        "packages/qos/test/egress/egress-queue.test.ts",
        "while the link takes none, frames wait, and leave the most urgent first",
      ),
    ),
    done("policy.maxLatency", "ms", "@net/qos QoSPolicy", () => {
      expect(new QoSManager().getPolicy("heartbeat")).toMatchObject({
        priority: "critical",
        maxLatency: 1_000,
      });
    }),
    open("policy.maxBandwidth", "MB/s, enforced", "@net/qos QoSPolicy", 4),
    open(
      "policy.retryPolicy { maxRetries, backoff, initialDelay }",
      "obeyed by whoever sends",
      "@net/p2p",
      5,
    ),
    done(
      "critical priority",
      "heartbeats and handshakes, within 1 and 5 s",
      "@net/qos DEFAULT_POLICIES",
      () => {
        const qos = new QoSManager();
        expect(qos.getPolicy("heartbeat")).toEqual({ priority: "critical", maxLatency: 1_000 });
        expect(qos.getPolicy("handshake")).toEqual({ priority: "critical", maxLatency: 5_000 });
      },
    ),
    done("high priority", "tool calls and results", "@net/qos DEFAULT_POLICIES", () => {
      const qos = new QoSManager();
      expect(qos.getPolicy("tool-call").priority).toBe("high");
      expect(qos.getPolicy("tool-result").priority).toBe("high");
    }),
    done("normal priority", "standard messages", "@net/qos DEFAULT_POLICIES", () => {
      expect(new QoSManager().getPolicy("message").priority).toBe("normal");
    }),
    done("low priority", "file transfers", "@net/qos DEFAULT_POLICIES", () => {
      expect(new QoSManager().getPolicy("file").priority).toBe("low");
    }),
    open(
      "bandwidth allocation and throttling",
      "low priority is limited",
      "@net/qos EgressQueue",
      4,
    ),
    done("jitter calculation", "by RFC 3550", "@net/qos JitterEstimator", () => {
      const qos = new QoSManager();
      qos.recordLatency("peer", 10);
      qos.recordLatency("peer", 26);
      expect(qos.getMetrics("peer")?.jitterMs).toBe(1);
    }),
    done("packet loss tracking", "the share of lost probes", "@net/qos LossWindow", () => {
      const qos = new QoSManager();
      for (const lost of [true, false, false, false]) qos.recordLoss("peer", lost);
      expect(qos.getMetrics("peer")?.lossRatio).toBe(0.25);
    }),

    // DistributedExecutor and ToolRouter
    done("new ToolRouter()", "chooses the peer for a tool", "@net/routing ToolRouter", () => {
      const candidates = [
        { peerId: "laptop", tools: ["image-processing"], capabilities: [] },
        {
          peerId: "gpu-box",
          tools: ["image-processing"],
          capabilities: ["gpu", "image-processing"],
        },
      ];
      const requiredCapabilities = ["gpu", "image-processing"];
      const chosen = new ToolRouter().choose("image-processing", candidates, {
        requiredCapabilities,
      });
      expect(chosen?.peerId).toBe("gpu-box");
    }),
    open(
      "new DistributedExecutor(localExecutor, router)",
      "runs tools on the best peer",
      "@net/p2p DistributedExecutor",
      5,
    ),
    open("new ToolExecutor()", "holds the tools of this machine", "@net/p2p ToolExecutor", 5),
    open(
      "DistributedExecutor.execute(toolName, params, context, options)",
      "runs one",
      "@net/p2p DistributedExecutor#execute",
      5,
    ),
    open("options.preferLocal", "here if it can be", "@net/p2p DistributedExecutor#execute", 5),
    open(
      "options.requiredCapabilities",
      "only where they are",
      "@net/p2p DistributedExecutor#execute",
      5,
    ),
    open("result.executedOn", "where it ran", "@net/p2p DistributedExecutor#execute", 5),
    open(
      "DistributedExecutor.executeParallel(executions)",
      "runs several at once",
      "@net/p2p DistributedExecutor#executeParallel",
      5,
    ),
    open(
      "DistributedExecutor.getStats()",
      "what it did",
      "@net/p2p DistributedExecutor#getStats",
      5,
    ),
    open(
      "automatic fallback to local execution",
      "when no peer can",
      "@net/p2p DistributedExecutor",
      5,
    ),
    open(
      "failover",
      "a call finishes elsewhere when its peer dies",
      "@net/p2p DistributedExecutor",
      5,
    ),
    open("load balancing", "work is spread", "@net/p2p DistributedExecutor", 5),

    // SSHClient
    open(
      "new SSHClient({ host, port, username, privateKeyPath })",
      "a server by SSH",
      "@net/ssh SSHClient",
      "later: ssh",
    ),
    open(
      "SSHClient password authentication",
      "instead of a key",
      "@net/ssh SSHClient",
      "later: ssh",
    ),
    open(
      "SSHClient.connect() (SSH)",
      "opens the session",
      "@net/ssh SSHClient#connect",
      "later: ssh",
    ),
    open(
      "SSHClient.execute(command)",
      "standard output and error",
      "@net/ssh SSHClient#execute",
      "later: ssh",
    ),
    open("SSHClient.disconnect()", "ends it", "@net/ssh SSHClient#disconnect", "later: ssh"),
  ],
};
