import { NetworkClient } from "@net/client";
import { startEchoServer } from "./support/echo-server.ts";

// In your program: a server of @net/server, by default the one at http://127.0.0.1:8000.
await using server = await startEchoServer();
await using client = new NetworkClient({ baseUrl: server.url });

await client.login("alice", "password123");
for (const friend of await client.getFriends()) {
  for (const agent of await client.getAgents(friend.id)) {
    console.log(`${friend.username} has ${agent.name}: ${agent.description}`);
    await client.sendTextMessage({
      recipientId: friend.id,
      recipientAgent: agent.name,
      text: "Hello!",
    });
  }
}
for await (const message of client.messages()) {
  console.log(`${message.from.username} says: ${message.text}`);
  await message.ack();
  break;
}
await client.logout();
