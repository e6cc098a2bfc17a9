import { CallLatency, ToolRouter } from "@net/routing";

const peers = [
  { peerId: "old-box", tools: ["render@1.4.0"], capabilities: ["gpu"], pathCostUs: 1_000 },
  { peerId: "gpu-box", tools: ["render@2.0.1"], capabilities: ["gpu"], pathCostUs: 4_000 },
  { peerId: "attic", tools: ["render@2.1.0"], capabilities: ["gpu"], labels: ["site=attic"] },
];

const quality = new CallLatency();
const router = new ToolRouter({ quality, permits: (_tool, { peerId }) => peerId !== "guest" });

// Each call tells what it took; a peer that fails, however fast, is taken for slow.
for (let attempt = 0; attempt < 4; attempt++) {
  const peer = router.choose("render", peers, { version: "^2.0.0" });
  if (!peer) throw new Error("nobody renders");
  const call = quality.start(peer.peerId);
  if (peer.peerId === "attic") call.fail();
  else call.succeed();
}
console.log(router.rank("render", peers, { version: "^2.0.0" }).map(({ peerId }) => peerId));

// What belongs together goes to one place.
for (const stickyKey of ["film 7", "film 8", "film 7"]) {
  console.log(stickyKey, router.choose("render", peers, { stickyKey })?.peerId);
}
console.log(router.choose("render", peers, { labels: { site: "attic" } })?.peerId);
