// A session: messages that outlive their links. The line dies in the middle, and nothing is lost or doubled.
import { AuthenticationError } from "@net/core";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { webSocketTransport } from "@net/ws/transport";

const transport = webSocketTransport();
const users = new Map([["secret", "alice"]]);

await using server = acceptSessions({
  store: memorySessionStore(),
  authenticate: ({ session, token = "" }) => {
    const user = users.get(token);
    if (!user) throw new AuthenticationError("unknown token");
    return { session: `${user}/${session}` };
  },
  onSession: (each) => each.handle("time", () => "noon"),
});
await using listener = await transport.listen("ws://127.0.0.1:0", server.accept);

let lastLink: { abort(): void } | undefined;
await using laptop = session({
  id: "laptop",
  token: "secret",
  store: memorySessionStore(),
  redial: async (signal) => {
    const link = await transport.dial(listener.address, { signal });
    lastLink = link;
    return link;
  },
  reconnect: { min: 10, max: 1_000 },
});
laptop.on("retry", ({ error }) => console.log(`coming back: ${(error as Error).message}`));

console.log(await laptop.request("time"));
const committed = [1, 2, 3].map((n) => server.publish("alice/laptop", { n }));
for await (const delivery of laptop.inbox()) {
  console.log(delivery.body, delivery.redelivered ? "again" : "");
  if (delivery.seq === 1) lastLink?.abort();
  await delivery.ack();
  if (delivery.seq === 3) break;
}
await Promise.all(committed);
