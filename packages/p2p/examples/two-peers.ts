import { randomBytes } from "node:crypto";
import { DistributedExecutor, PeerNetwork } from "@net/p2p";

const jwtSecret = randomBytes(32).toString("base64");

// Two peers, here in one process; on two machines they would know the same secret.
await using gpuBox = new PeerNetwork({
  peerId: "gpu-box",
  host: "127.0.0.1",
  port: 0,
  jwtSecret,
  capabilities: ["gpu"],
});
gpuBox.registerTool<{ text: Uint8Array }>(
  { name: "count-words", description: "Counts the words of a text", idempotent: true },
  ({ text }, { caller, progress }) => {
    progress(`reading for ${caller.peerId}`);
    return new TextDecoder().decode(text).split(/\s+/).length;
  },
);
await gpuBox.start();

await using laptop = new PeerNetwork({ peerId: "laptop", host: "127.0.0.1", port: 0, jwtSecret });
await laptop.start();
const { name } = await laptop.connect(gpuBox.address ?? "");
console.log(`linked to ${name}`);

// A call to a peer that is named …
const text = new TextEncoder().encode("the quick brown fox");
const call = laptop.call("gpu-box", "count-words", { text }, { deadlineMs: 5_000 });
for await (const step of call.progress) console.log(step);
const { value, hops } = await call;
console.log(`${value} words, counted ${hops} hop away`);

// … and to whichever peer can do it best.
const executor = new DistributedExecutor(laptop.tools, laptop.router());
const { executedOn } = await executor.execute(
  "count-words",
  { text },
  {},
  {
    requiredCapabilities: ["gpu"],
  },
);
console.log(`counted on ${executedOn}`);
