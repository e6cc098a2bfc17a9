import { createServer } from "@net/server";

await using server = await createServer({ database: ":memory:", port: 0, testUsers: true });

// Alice writes to Bob's assistant while Bob is offline …
const alice = await login("alice");
const { friends } = await call<{ friends: { id: string }[] }>("GET", "/friends", alice);
await call("POST", `/message/${friends[0]?.id}`, alice, {
  id: crypto.randomUUID(),
  to: { agent: "assistant" },
  type: "QUERY",
  text: "Are you there?",
});

// … and Bob reads it once he is back.
const bob = await login("bob");
const socket = new WebSocket(server.wsUrl);
socket.onopen = () => socket.send(JSON.stringify({ kind: "hello", token: bob }));
await new Promise<void>((done) => {
  socket.onmessage = ({ data }) => {
    const { kind, seq, message } = JSON.parse(data);
    if (kind !== "message") return;
    console.log(`${message.from.username} to ${message.to.agent}: ${message.text}`);
    socket.send(JSON.stringify({ kind: "ack", seq }));
    done();
  };
});

async function login(username: string): Promise<string> {
  const credentials = { username, password: "password123" };
  return (await call<{ token: string }>("POST", "/login", "", credentials)).token;
}

async function call<Answer>(method: string, path: string, token: string, body?: object) {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const content = body ? { headers, body: JSON.stringify(body) } : { headers };
  const response = await fetch(server.url + path, { method, ...content });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Answer;
}
