import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { type WebSocket, WebSocketServer } from "ws";

const friend = { id: "2", username: "echo" };
const agent = { name: "assistant", description: "Says everything back.", type: "assistant" };
const login = { token: "token", user: { id: "1", username: "alice" }, device: "default" };

/** As little of a net server as the example needs: anyone may log in, and has one friend who says everything back. */
export async function startEchoServer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const inbox: object[] = [];
  const deliver = (reader: WebSocket, index: number): void =>
    reader.send(JSON.stringify({ kind: "message", seq: index + 1, message: inbox[index] }));

  const http = createServer((request, response) => {
    void answer(request).then((body) => response.end(JSON.stringify(body)));
  });
  const sockets = new WebSocketServer({ server: http, path: "/ws" });
  sockets.on("connection", (reader) => {
    reader.once("message", () => {
      reader.send(JSON.stringify({ kind: "welcome", cursor: 0 }));
      for (const index of inbox.keys()) deliver(reader, index);
    });
  });

  async function answer(request: IncomingMessage): Promise<object> {
    const { url = "" } = request;
    if (url === "/login") return { ...login, expiresAtMs: Date.now() + 60_000 };
    if (url === "/friends") return { friends: [friend], requests: [] };
    if (url.startsWith("/agents/")) return { agents: [agent] };
    return url.startsWith("/message/") ? echo((await json(request)) as object) : {};
  }

  function echo(message: object): object {
    const from = { userId: friend.id, username: friend.username, agent: agent.name };
    inbox.push({ ...message, from, sentAtMs: Date.now() });
    for (const reader of sockets.clients) deliver(reader, inbox.length - 1);
    return { sentAtMs: Date.now() };
  }

  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      sockets.close();
      http.close();
      http.closeAllConnections();
    },
  };
}
