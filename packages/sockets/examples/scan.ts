// Finds which ports of this machine are open, and what answers there. Run it: it scans three ports of loopback.
import { delimiter, scan, TCPServer } from "@net/sockets";

const framing = delimiter("\r\n");
await using server = await TCPServer.listen({ framing }, async (connection) => {
  await connection.send("220 example ready");
  await connection.receive();
});

const options = { banner: true, timeout: "adaptive", signal: AbortSignal.timeout(10_000) } as const;
for await (const found of scan(["127.0.0.1"], ["tcpmux", 2, server.port], options)) {
  const { host, port, state, reason, service, banner } = found;
  const name = port === server.port ? "ours" : `port ${port} (${service ?? "no name"})`;
  console.log(`${host} ${name}: ${state}, ${reason}${banner?.text ? `, says ${banner.text}` : ""}`);
}
