// One tool on two peers: the executor chooses, goes on to the next one, and runs what has a key only once.
import { DistributedExecutor, PeerNetwork, ToolExecutor } from "@net/p2p";

await using laptop = new PeerNetwork({ peerId: "laptop", port: 0 });
await laptop.start();

const workers = await Promise.all(["desktop", "gpu-box"].map(startWorker));
async function startWorker(peerId: string): Promise<PeerNetwork> {
  const network = new PeerNetwork({ peerId, port: 0 });
  network.registerTool<number>({ name: "square", idempotent: true }, (n) => n * n);
  network.registerTool<{ order: number }>({ name: "pay" }, ({ order }) => `paid ${order}`);
  await network.start();
  await laptop.connect(network.address ?? "");
  return network;
}

const executor = new DistributedExecutor(new ToolExecutor(), laptop.router());

// Many at the same time, spread over the peers: each says for itself how it ended.
const requests = [1, 2, 3, 4].map((params) => ({ toolName: "square", params }));
const results = await executor.executeParallel(requests, { deadlineMs: 5_000 });
console.log(results.map((result) => (result.ok ? result.value : result.error.code)));

// A second peer is asked if the first one takes longer than 95 % of the calls did: this tool may run twice.
const hedged = await executor.execute("square", 5, {}, { hedge: true, deadlineMs: 1_000 });
console.log(hedged.value);

// This one may not. With a key it runs once; whoever asks again gets the same answer.
const options = { idempotencyKey: "order 7", deadlineMs: 5_000 };
for (let again = 0; again < 2; again++) {
  const { value } = await executor.execute("pay", { order: 7 }, {}, options);
  console.log(value);
}

const { succeeded, failed } = executor.getStats();
console.log(`${succeeded} succeeded, ${failed} failed`);
await Promise.all(workers.map((worker) => worker.stop()));
