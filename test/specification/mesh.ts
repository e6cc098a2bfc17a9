import { setTimeout as sleep } from "node:timers/promises";
import { DistributedExecutor, PeerNetwork, type PeerNetworkOptions } from "@net/p2p";

/** How often a mesh is asked whether it has settled, in ms. */
const PERIOD = 5;

export const jwtSecret = "what all three machines of the specification know";

/** A peer on a free port of the loopback interface, which has started. */
export async function startPeer(
  peerId: string,
  options: Partial<PeerNetworkOptions> = {},
): Promise<PeerNetwork> {
  const peer = new PeerNetwork({
    peerId,
    peerName: `The ${peerId}`,
    host: "127.0.0.1",
    port: 0,
    jwtSecret,
    ...options,
  });
  await peer.start();
  return peer;
}

/** Where `connectToPeer` finds a peer. */
export function placeOf({ address = "" }: PeerNetwork): { host: string; port: number } {
  const { hostname, port } = new URL(address);
  return { host: hostname, port: Number(port) };
}

/** Links the first to the second. */
export async function link(from: PeerNetwork, to: PeerNetwork): Promise<void> {
  const { host, port } = placeOf(to);
  await from.connectToPeer(host, port);
}

/** Resolves once it holds. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await sleep(PERIOD);
}

/** Three machines; the laptop stands between the other two. */
export interface Mesh {
  readonly desktop: PeerNetwork;
  readonly laptop: PeerNetwork;
  readonly gpuBox: PeerNetwork;
}

/** Runs `use` once all three know each other. The laptop and the gpu-box shout, where they run. */
export async function withMesh(use: (mesh: Mesh) => Promise<void>): Promise<void> {
  await using desktop = await startPeer("desktop");
  await using laptop = await startPeer("laptop", { relay: true });
  await using gpuBox = await startPeer("gpu-box", { capabilities: ["gpu"] });
  for (const peer of [laptop, gpuBox]) {
    peer.registerTool({ name: "shout", idempotent: true }, (text) => String(text).toUpperCase());
  }
  await link(desktop, laptop);
  await link(gpuBox, laptop);
  const knowsTools = ({ nodes }: ReturnType<PeerNetwork["getTopologyGraph"]>): boolean =>
    nodes.filter(({ tools }) => tools.includes("shout")).length === 2;
  await until(() => knowsTools(desktop.getTopologyGraph()));
  await until(() => desktop.getNetworkStats().indirectConnections === 1);
  await use({ desktop, laptop, gpuBox });
}

/** The desktop's executor, which has no tools of its own. */
export function executorOf(peer: PeerNetwork): DistributedExecutor {
  return new DistributedExecutor(peer.tools, peer.router());
}
