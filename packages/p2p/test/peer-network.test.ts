import { type Applicant, discoverNodes, PeerNetwork } from "@net/p2p";
import { expect, test } from "vitest";
import { mdnsOfItsOwn } from "./support/mdns.ts";

// Over WebSockets on the loopback interface; everything that can be said on a clock is said in the other files.

const LIMIT = 20_000;
const jwtSecret = "a secret of the test, 32 bytes long";

async function start(peerId: string, options: object = {}): Promise<PeerNetwork> {
  const network = new PeerNetwork({ peerId, host: "127.0.0.1", port: 0, jwtSecret, ...options });
  await network.start();
  return network;
}

function portOf(network: PeerNetwork): number {
  return Number(new URL(network.address ?? "").port);
}

test("three peers over WebSockets: a tool two hops away, with bytes, and a cancel", {
  timeout: LIMIT,
}, async () => {
  await using desktop = await start("desktop");
  await using laptop = await start("laptop", { relay: true });
  await using gpuBox = await start("gpu-box", {
    admit: ({ peerId, relayed }: Applicant) => relayed || peerId !== "desktop",
  });
  const cancelled = Promise.withResolvers<void>();
  gpuBox.registerTool<{ file: Uint8Array }>({ name: "size" }, ({ file }) => file.length);
  gpuBox.registerTool({ name: "forever" }, (_, { signal }) => {
    signal.addEventListener("abort", () => cancelled.resolve());
    return new Promise(() => {});
  });
  const known = Promise.withResolvers<void>();
  desktop.on("topology:updated", () => {
    const node = desktop.getTopologyGraph().nodes.find(({ id }) => id === "gpu-box");
    if (node?.tools.includes("size") && node.hops === 2) known.resolve();
  });
  await gpuBox.connectToPeer("127.0.0.1", portOf(laptop));
  await desktop.connectToPeer("127.0.0.1", portOf(laptop), desktop.generateJWT());
  await known.promise;

  await expect(desktop.connectToPeer("127.0.0.1", portOf(gpuBox))).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
  const file = new Uint8Array(500_000);
  expect(await desktop.call("gpu-box", "size", { file })).toMatchObject({
    value: 500_000,
    hops: 2,
  });

  const controller = new AbortController();
  const call = desktop.executeRemoteTool("gpu-box", "forever", {}, { signal: controller.signal });
  call.catch(() => {});
  await desktop.executeRemoteTool("gpu-box", "size", { file: new Uint8Array() });
  controller.abort();
  await expect(call).rejects.toMatchObject({ code: "ABORTED" });
  await cancelled.promise;
});

test("nobody listens: a dial is refused", { timeout: LIMIT }, async () => {
  await using network = await start("a");
  const other = await start("b");
  const port = portOf(other);
  await other.stop();

  await expect(network.connectToPeer("127.0.0.1", port)).rejects.toMatchObject({
    code: "CONNECTION_REFUSED",
  });
});

test("a peer that announces itself is found, dialled and linked", { timeout: LIMIT }, async () => {
  const mdns = mdnsOfItsOwn();
  const options = { networkId: mdns.networkId, discovery: { mdns } };
  await using host = await start("host", options);
  await using guest = await start("guest", { networkId: mdns.networkId });
  for await (const node of discoverNodes({ mdns })) {
    expect(node).toMatchObject({ peerId: "host", address: host.address });
    await guest.connect(node.address);
    break;
  }

  expect(guest.getConnectedPeers()).toMatchObject([{ peerId: "host" }]);
});
