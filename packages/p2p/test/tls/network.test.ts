import { PeerNetwork, type PeerNetworkOptions } from "@net/p2p";
import { expect, test } from "vitest";

// Over TLS on the loopback interface.

const LIMIT = 20_000;

async function start(
  peerId: string,
  options: Partial<PeerNetworkOptions> = {},
): Promise<PeerNetwork> {
  const network = new PeerNetwork({ peerId, port: 0, enableTLS: true, ...options });
  await network.start();
  return network;
}

test("with enableTLS a host and port are dialled over TLS, and calls go through it", {
  timeout: LIMIT,
}, async () => {
  await using server = await start("server", { enableMessageSigning: true });
  await using laptop = await start("laptop", { enableMessageSigning: true });
  server.registerTool<Uint8Array>({ name: "size" }, (bytes) => bytes.length);
  const port = Number(new URL(server.address ?? "").port);
  const peer = await laptop.connectToPeer("127.0.0.1", port);

  expect(peer.address).toBe(`wss://127.0.0.1:${port}`);
  expect(await laptop.executeRemoteTool("server", "size", new Uint8Array(200_000))).toBe(200_000);
});

test("files that are not there stop it from starting, and say which", {
  timeout: LIMIT,
}, async () => {
  const starting = start("server", { tlsKey: "no/key.pem", tlsCert: "no/cert.pem" });

  await expect(starting).rejects.toThrow("cannot read no/");
});
