import { NetworkClient } from "@net/client";

interface Account {
  readonly username: string;
  readonly password: string;
}

/** Two people in one page: alice writes, bob reads. */
export async function run(options: {
  readonly baseUrl: string;
  readonly alice: Account;
  readonly bob: Account;
}): Promise<Record<string, unknown>> {
  const { baseUrl, alice, bob } = options;
  const [writer, reader] = [new NetworkClient({ baseUrl }), new NetworkClient({ baseUrl })];
  for (const [client, { username, password }] of [
    [writer, alice],
    [reader, bob],
  ] as const) {
    await client.signup(username, password);
    await client.login(username, password);
  }
  await reader.registerAgents([{ name: "assistant", description: "reads", type: "reader" }]);
  await writer.sendFriendRequest(bob.username);
  const friend = await reader.acceptFriendRequest(alice.username);
  const [recipient] = await writer.getFriends();
  await writer.sendTextMessage({
    recipientId: recipient?.id ?? "",
    recipientAgent: "assistant",
    text: "hello from a page",
  });
  for await (const { text, seq, from } of reader.messages()) {
    await Promise.all([writer.close(), reader.close()]);
    return { text, seq, from: from.username, friend: friend.username };
  }
  return {};
}
