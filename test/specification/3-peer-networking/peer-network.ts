import {
  type ConnectedPeer,
  PeerNetwork,
  type PeerNetworkConfig,
  type PeerNetworkOptions,
} from "@net/p2p";
import { expect } from "vitest";
import { readOptions } from "../../../packages/p2p/src/options.ts";
import { jwtSecret, link, placeOf, startPeer, until, withMesh } from "../mesh.ts";
import { shownBy, shownByExample } from "../proofs.ts";
import { done, open, type Proof, type Row } from "../row.ts";

const withTwo =
  (
    use: (a: PeerNetwork, b: PeerNetwork) => Promise<void>,
    options: Partial<PeerNetworkOptions> = {},
  ): Proof =>
  async () => {
    await using a = await startPeer("workstation-1", options);
    await using b = await startPeer("workstation-2", options);
    await use(a, b);
  };

/** Both know of the link: each end sees the other a moment after its own. */
const linked = async (a: PeerNetwork, b: PeerNetwork): Promise<void> => {
  await link(a, b);
  await until(() => b.getConnectedPeers().length === 1);
};

/** `PeerNetwork`, its configuration, events and features. */
export const peerNetworkRows: readonly Row[] = [
  done("new PeerNetwork(config)", "one machine's end of the mesh", "@net/p2p PeerNetwork", () => {
    expect(new PeerNetwork({ peerId: "workstation-1", peerName: "Main", jwtSecret }).peerId).toBe(
      "workstation-1",
    );
  }),
  done("PeerNetwork.start()", "listens", "@net/p2p PeerNetwork#start", async () => {
    await using peer = await startPeer("workstation-1");
    expect(placeOf(peer).port).toBeGreaterThan(0);
  }),
  done(
    "PeerNetwork.stop()",
    "ends politely",
    "@net/p2p PeerNetwork#stop",
    withTwo(async (a, b) => {
      await linked(a, b);
      await b.stop();
      await until(() => a.getConnectedPeers().length === 0);
      await b.stop();
    }),
  ),
  done(
    "PeerNetwork.connectToPeer(host, port, token?)",
    "links to another peer",
    "@net/p2p PeerNetwork#connectToPeer",
    withTwo(async (a, b) => {
      const { host, port } = placeOf(b);
      const peer = await a.connectToPeer(host, port, a.generateJWT());
      expect(peer).toMatchObject({ peerId: "workstation-2", name: "The workstation-2" });
    }),
  ),
  done(
    "PeerNetwork.broadcast(message)",
    "reaches every peer, also behind relays",
    "@net/p2p PeerNetwork#broadcast",
    () =>
      withMesh(async ({ desktop, laptop, gpuBox }) => {
        const heard = Promise.all([laptop.once("message"), gpuBox.once("message")]);
        desktop.broadcast({ type: "notification", data: { message: "Hello" } });
        for (const [message] of await heard) {
          expect(message).toEqual({
            from: "desktop",
            type: "notification",
            data: { message: "Hello" },
          });
        }
      }),
  ),
  done(
    "PeerNetwork.executeRemoteTool(peerId, tool, args)",
    "runs a tool elsewhere",
    "@net/p2p PeerNetwork#executeRemoteTool",
    withTwo(async (a, b) => {
      b.registerTool<{ command: string }>({ name: "shell" }, ({ command }) => `ran ${command}`);
      await linked(a, b);
      expect(await a.executeRemoteTool("workstation-2", "shell", { command: "ls" })).toBe("ran ls");
    }),
  ),
  done(
    "PeerNetwork.getConnectedPeers()",
    "who is linked",
    "@net/p2p PeerNetwork#getConnectedPeers",
    () =>
      withMesh(async ({ laptop }) => {
        expect(laptop.getConnectedPeers().map(({ peerId }) => peerId)).toEqual([
          "desktop",
          "gpu-box",
        ]);
      }),
  ),
  done(
    "PeerNetwork.getNetworkStats()",
    "the network in figures",
    "@net/p2p PeerNetwork#getNetworkStats",
    () =>
      withMesh(async ({ desktop }) => {
        expect(desktop.getNetworkStats()).toMatchObject({
          totalNodes: 3,
          directConnections: 1,
          indirectConnections: 1,
          networkDiameter: 2,
          partitions: 1,
        });
      }),
  ),
  done(
    "PeerNetwork.getQoSMetrics(peerId)",
    "how good a link is",
    "@net/p2p PeerNetwork#getQoSMetrics",
    withTwo(async (a, b) => {
      await linked(a, b);
      await until(() => a.getQoSMetrics("workstation-2") !== undefined);
      expect(a.getQoSMetrics("workstation-2")?.healthScore).toBeGreaterThan(0);
    }),
  ),
  done(
    "PeerNetwork.generateJWT()",
    "a token that admits a peer",
    "@net/p2p PeerNetwork#generateJWT",
    withTwo(async (_, b) => {
      await using stranger = new PeerNetwork({ peerId: "stranger", port: 0 });
      await stranger.start();
      const { host, port } = placeOf(b);
      await stranger.connectToPeer(host, port, await b.generateJWT({ sub: "stranger" }));
      expect(stranger.getConnectedPeers()).toHaveLength(1);
    }),
  ),

  // Its configuration
  done("PeerNetworkConfig", "what a peer is told", "@net/p2p PeerNetworkConfig", () => {
    const config: PeerNetworkConfig = { peerId: "a", peerName: "A", maxPeers: 3, enableTLS: true };
    expect(new PeerNetwork(config).peerId).toBe("a");
  }),
  done("PeerNetworkConfig.peerId", "its unique name", "@net/p2p PeerNetworkOptions", () => {
    expect(new PeerNetwork({ peerId: "a" }).peerId).toBe("a");
  }),
  done(
    "PeerNetworkConfig.peerName",
    "its name for people",
    "@net/p2p PeerNetworkOptions",
    withTwo(async (a, b) => {
      await linked(a, b);
      expect(a.getConnectedPeers()[0]?.name).toBe("The workstation-2");
    }),
  ),
  done("PeerNetworkConfig.port", "8080 unless said", "@net/p2p PeerNetworkOptions", () => {
    expect(readOptions({ peerId: "a" }).listenAddress).toMatch(/:8080$/);
  }),
  done("PeerNetworkConfig.maxPeers", "refuses more", "@net/p2p PeerNetworkOptions", async () => {
    await using full = await startPeer("full", { maxPeers: 1 });
    await using first = await startPeer("first");
    await using second = await startPeer("second");
    await linked(first, full);
    await expect(link(second, full)).rejects.toMatchObject({ code: "OVERLOADED" });
  }),
  done(
    "PeerNetworkConfig.jwtSecret",
    "admits who has it",
    "@net/p2p PeerNetworkOptions",
    async () => {
      await using a = await startPeer("a");
      await using b = await startPeer("b", {
        jwtSecret: "another secret, of as many bytes as needed",
      });
      await expect(link(b, a)).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
    },
  ),
  done(
    "PeerNetworkConfig.heartbeatInterval",
    "ms between signs of life; 5000 unless said",
    "@net/p2p PeerNetworkOptions",
    () => {
      expect(readOptions({ peerId: "a" }).heartbeatInterval).toBe(5_000);
      expect(readOptions({ peerId: "a", heartbeatInterval: 50 }).heartbeatInterval).toBe(50);
    },
  ),
  done(
    "PeerNetworkConfig.enableTLS",
    "encrypts links",
    "@net/p2p PeerNetworkOptions",
    shownBy(
      "packages/p2p/test/tls/network.test.ts",
      "with enableTLS a host and port are dialled over TLS, and calls go through it",
    ),
  ),
  done(
    "PeerNetworkConfig.tlsKey",
    "the path of the key",
    "@net/p2p PeerNetworkOptions",
    shownBy(
      "packages/p2p/test/tls/network.test.ts",
      "files that are not there stop it from starting, and say which",
    ),
  ),
  done(
    "PeerNetworkConfig.tlsCert",
    "the path of the certificate",
    "@net/p2p PeerNetworkOptions",
    shownBy(
      "packages/p2p/test/tls/certificate-files.test.ts",
      "a key and its certificate are read from their files",
    ),
  ),
  done(
    "PeerNetworkConfig.enableMessageSigning",
    "signs what is sent",
    "@net/p2p PeerNetworkOptions",
    shownBy(
      "packages/p2p/test/admission/network.test.ts",
      "peers that sign with %s call each other; one that does not sign, or otherwise, is refused at once",
    ),
  ),
  done(
    "PeerNetworkConfig.signingKey",
    "with this key",
    "@net/p2p PeerNetworkOptions",
    shownBy("packages/p2p/test/admission/network.test.ts", "a key to sign with is who the peer is"),
  ),

  // Its events and types
  done(
    "peer:connected",
    "a peer was linked; gives the ConnectedPeer",
    "@net/p2p PeerNetworkEvents",
    withTwo(async (a, b) => {
      const connected = b.once("peer:connected");
      await link(a, b);
      expect((await connected)[0].name).toBe("The workstation-1");
    }),
  ),
  done(
    "peer:disconnected",
    "a peer was lost; gives its id",
    "@net/p2p PeerNetworkEvents",
    withTwo(async (a, b) => {
      await linked(a, b);
      const disconnected = b.once("peer:disconnected");
      await a.stop();
      expect((await disconnected)[0]).toBe("workstation-1");
    }),
  ),
  done(
    "message",
    "a PeerMessage arrived",
    "@net/p2p PeerNetworkEvents",
    withTwo(async (a, b) => {
      await linked(a, b);
      const received = b.once("message");
      await a.send("workstation-2", { type: "note", data: [1] });
      expect(await received).toEqual([{ from: "workstation-1", type: "note", data: [1] }]);
    }),
  ),
  done(
    "topology:updated (PeerNetwork)",
    "the network changed",
    "@net/p2p PeerNetworkEvents",
    withTwo(async (a, b) => {
      const updated = a.once("topology:updated");
      await link(a, b);
      expect((await updated)[0].version).toBeGreaterThan(0);
    }),
  ),
  done(
    "ConnectedPeer.name",
    "what people call it",
    "@net/p2p ConnectedPeer",
    withTwo(async (a, b) => {
      await linked(a, b);
      const peer: ConnectedPeer | undefined = a.getConnectedPeers()[0];
      expect(peer?.name).toBe("The workstation-2");
    }),
  ),
  done("PeerMessage", "type and data", "@net/p2p PeerMessage", () =>
    withMesh(async ({ desktop, gpuBox }) => {
      const received = gpuBox.once("message");
      await desktop.send("gpu-box", { type: "bytes", data: Uint8Array.of(1, 2) });
      const [{ from, type, data }] = await received;
      expect({ from, type }).toEqual({ from: "desktop", type: "bytes" });
      expect(new Uint8Array(data as Uint8Array)).toEqual(Uint8Array.of(1, 2));
    }),
  ),

  // Its features
  done(
    "multi-hop routing of calls",
    "relays pass on what is not for them",
    "@net/p2p PeerNetwork#call",
    () =>
      withMesh(async ({ desktop }) => {
        expect(await desktop.executeRemoteTool("gpu-box", "shout", "two hops")).toBe("TWO HOPS");
      }),
  ),
  done(
    "JWT admission",
    "who has no token stays outside",
    "@net/p2p PeerNetworkOptions",
    async () => {
      await using guarded = await startPeer("guarded");
      await using stranger = new PeerNetwork({ peerId: "stranger", port: 0 });
      await stranger.start();
      await expect(link(stranger, guarded)).rejects.toMatchObject({
        code: "AUTHENTICATION_FAILED",
      });
    },
  ),
  done(
    "heartbeats",
    "a dead peer is noticed",
    "@net/p2p PeerNetworkOptions",
    shownBy(
      "packages/p2p/test/liveness/faults.test.ts",
      "a killed peer on idle links is dead for all its neighbours within four heartbeats, and nobody else is",
    ),
  ),
  done(
    "zero-configuration discovery",
    "peers on the network are found",
    "@net/p2p discoverNodes",
    shownBy(
      "packages/p2p/test/discovery/discovery.test.ts",
      "whoever asks is answered by a peer that was there before",
      "a peer that comes later is found, and once more when it comes back after a goodbye",
    ),
  ),
  done(
    "TLS between peers",
    "encrypted links",
    "@net/p2p PeerNetwork",
    shownBy(
      "packages/p2p/test/tls/tls-link.test.ts",
      "ends with certificates of their own making meet over TLS 1.3, bound to it",
      "a proxy that ends TLS is found out by both ends",
    ),
  ),
  done(
    "message signing",
    "integrity is checked",
    "@net/p2p PeerNetwork",
    shownBy(
      "packages/p2p/test/admission/network.test.ts",
      "peers that sign with %s call each other; one that does not sign, or otherwise, is refused at once",
    ),
  ),
  open("socket.io, for browsers", "an edge that speaks it", "@net/server", "later: server"),

  done(
    "example: two peers, a tool called, executed on the best one",
    "runs",
    "packages/p2p/examples/two-peers.ts",
    shownByExample(
      "packages/p2p/examples/two-peers.ts",
      "new PeerNetwork(",
      ".start()",
      "registerTool",
      "DistributedExecutor",
      "executedOn",
    ),
  ),
];
