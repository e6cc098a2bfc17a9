// A client that comes back: the server drops it once, and the loop reads on as if nothing had happened.
import { WebSocketClient } from "@net/ws";
import { webSocketTransport } from "@net/ws/transport";

let connections = 0;
await using server = await webSocketTransport().listen("ws://127.0.0.1:0/feed", (link) => {
  const number = ++connections;
  link.receive((frame) => link.send(frame));
  link.send(Buffer.from(`news of connection ${number}`));
  if (number === 1) void link.close({ code: "going-away", message: "updating" });
});

await using client = new WebSocketClient(server.address, {
  headers: ({ attempt }) => ({ authorization: `Bearer token-${attempt}` }),
  reconnect: { min: 100, max: 5_000 },
});
client.on("retry", ({ error }) => console.log(`coming back: ${(error as Error).message}`));
await client.connect();

for await (const message of client) {
  console.log(typeof message === "string" ? message : new TextDecoder().decode(message));
  if (connections === 2) break;
}
await client.send("text, or bytes", { signal: AbortSignal.timeout(5_000) });
