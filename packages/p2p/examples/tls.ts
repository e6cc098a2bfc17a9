// Two peers over TLS 1.3 that sign what they say. Their certificates are made when they start, in memory: who is there is
// proven by the handshake, which is about this very TLS channel. Whoever stands in between, a proxy too, is found out.
import { PeerNetwork } from "@net/p2p";

const signingKey = "what both know, 32 random bytes or more";
const secured = {
  enableTLS: true,
  enableMessageSigning: true,
  signingKey,
  host: "127.0.0.1",
  port: 0,
};

// With certificates of your own: tlsKey: "/path/to/key.pem", tlsCert: "/path/to/cert.pem".
await using server = new PeerNetwork({ peerId: "server", ...secured });
server.registerTool<number[], number>({ name: "sum" }, (numbers) =>
  numbers.reduce((sum, number) => sum + number, 0),
);
await server.start();
console.log(server.address?.replace(/:\d+\/$/, ":…"));

await using laptop = new PeerNetwork({ peerId: "laptop", ...secured });
await laptop.start();
await laptop.connect(server.address ?? "");
console.log(await laptop.executeRemoteTool("server", "sum", [1, 2, 3]));

// Who signs with something else is told why it is refused.
await using stranger = new PeerNetwork({
  ...{ peerId: "stranger", ...secured, signingKey: "something else, which is as long as that" },
});
await stranger.start();
await stranger.connect(server.address ?? "").catch(({ code, message }) => {
  console.log(code, "–", message);
});
