// A server whose handler has a mistake in it: tells what becomes of the process, and of the connection.
import { TCPClient, TCPServer } from "@net/sockets";

const uncaught = Promise.withResolvers<string>();
process.on("uncaughtException", (error) => uncaught.resolve(error.message));

await using server = await TCPServer.listen({}, async () => {
  throw new RangeError("a mistake");
});
await using client = await TCPClient.connect(server.host, server.port);
// A reset or an end, as the system has it: the server waits for nothing.
await client.receive().catch(() => {});
process.stdout.write(
  JSON.stringify({ uncaught: await uncaught.promise, served: server.connectionCount }),
);
