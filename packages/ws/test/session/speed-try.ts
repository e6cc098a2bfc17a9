import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";
const [n = 100000, inflight = 64] = process.argv.slice(2).map(Number);
const transport = webSocketTransport();
const server = acceptSessions({ store: memorySessionStore(), authenticate: ({ session }) => ({ session }),
  onSession: async (s) => { for await (const d of s.inbox()) await d.ack(); } });
const listener = await transport.listen("ws://127.0.0.1:0", server.accept);
const s = session({ id: "a", store: memorySessionStore(), redial: (signal) => transport.dial(listener.address, { signal }) });
await s.once("welcome");
s.on("retry", (e) => console.log("retry", e));
const body = "x".repeat(62);
async function run(n: number) { let i = 0; await Promise.all(Array.from({ length: inflight }, async () => { while (i++ < n) await s.publish(body); })); }
await run(20000);
for (let k = 0; k < 3; k++) { const c = process.cpuUsage(), t = performance.now(); await run(n); const ms = performance.now() - t, u = process.cpuUsage(c); console.log(Math.round(n / ms * 1000), "msg/s", ((u.user + u.system) / n).toFixed(1), "us cpu/msg"); }
process.exit(0);
