// A server that answers each line, and a client that asks. Run it: it picks a free port and ends by itself.
import { delimiter, PortScanner, TCPClient, TCPServer } from "@net/sockets";

const framing = delimiter("\n", { maxBytes: 4_096 });

await using server = await TCPServer.listen(
  { framing, idleTimeout: 30_000 },
  async (connection) => {
    for await (const line of connection) await connection.send(`you said ${line}`);
  },
);
console.log(`open: ${await PortScanner.isPortOpen(server.host, server.port)}`);

await using client = await TCPClient.connect(server.host, server.port, { framing, timeout: 5_000 });
await client.send("hello");
console.log(`${await client.receive()}`);
