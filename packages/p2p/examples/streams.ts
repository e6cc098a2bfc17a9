// A tool that streams, at the pace at which it is read; and a topic that whoever likes subscribes to.
import { PeerNetwork } from "@net/p2p";

await using server = new PeerNetwork({ peerId: "server", port: 0 });
server.registerTool<{ from: number; to: number }, AsyncGenerator<number, string>>(
  { name: "count" },
  async function* ({ from, to }) {
    for (let n = from; n <= to; n++) {
      yield n;
      server.publish("counting.progress", { n });
    }
    return `${to - from + 1} numbers`;
  },
);
await server.start();

await using laptop = new PeerNetwork({ peerId: "laptop", port: 0 });
await laptop.start();
const counted = Promise.withResolvers<void>();
using _progress = laptop.subscribe("counting.*", ({ from, data }) => {
  const { n } = data as { n: number };
  console.log(`${from} has counted to ${n}`);
  if (n === 3) counted.resolve();
});
await laptop.connect(server.address ?? "");
// Until the server knows of the subscription, nobody is told: publish says how many are.
while (server.publish("counting.begins", { n: 0 }) === 0) await server.once("topology:updated");

const call = laptop.call("server", "count", { from: 1, to: 3 });
for await (const n of call.stream) console.log(n);
console.log((await call).value);
await counted.promise;
