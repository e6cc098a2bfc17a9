import { Network, NetworkClient, type NetworkInterface, WebSocketNetworkClient } from "@net/client";
import { HTTPClient } from "@net/http";
import { messageTypes } from "@net/server";
import { expect } from "vitest";
import { settle } from "../../packages/server/src/options.ts";
import { friendsOf, login, type User, withServer, withUser } from "./network-server.ts";
import { shownBy, shownByExample } from "./proofs.ts";
import { type Document, type Done, done, open, type Proof } from "./row.ts";

const offlineExample = "packages/server/examples/offline-message.ts";

const usernames = async (user: User): Promise<string[]> =>
  (await friendsOf(user)).map(({ username }) => username).sort();

const testUser = (username: string, friends: readonly string[]): Done =>
  done(
    `test user ${username} / password123`,
    `friends with ${friends.join(" and ")}`,
    "@net/server createServer",
    () =>
      withUser(username, async (user) => {
        expect(await usernames(user)).toEqual(friends);
      }),
  );

const messageType = (name: (typeof messageTypes)[number], does: string): Done =>
  done(name, does, "@net/server messageTypes", () =>
    withUser("alice", async (alice) => {
      const [bob] = await friendsOf(alice);
      const message = { id: name, to: { agent: "assistant" }, type: name, text: "…" };
      expect(messageTypes).toContain(name);
      expect((await alice.http.post(`/message/${bob?.id}`, { json: message })).status).toBe(201);
    }),
  );

const withClient =
  (use: (client: NetworkClient) => Promise<void>): Proof =>
  () =>
    withServer(async ({ url }) => {
      await using client = new NetworkClient({ baseUrl: url });
      await use(client);
    });

const loggedIn = (use: (client: NetworkClient) => Promise<void>): Proof =>
  withClient(async (client) => {
    await client.login("alice", "password123");
    await use(client);
  });

/** The network server and its client. */
export const networkServer: Document = {
  title: "network server",
  rows: [
    // Endpoints
    done("POST /signup", "makes an account", "@net/server createServer", () =>
      withServer(async ({ url }) => {
        await using http = new HTTPClient({ baseUrl: url });
        const account = { username: "dora", password: "correct horse battery" };
        expect((await http.post("/signup", { json: account })).status).toBe(201);
      }),
    ),
    done("POST /login", "gives a token", "@net/server createServer", () =>
      withServer(async (server) => {
        expect((await login(server, "alice")).id).not.toBe("");
      }),
    ),
    done("POST /logout", "ends the session", "@net/server createServer", () =>
      withUser("alice", async ({ http }) => {
        await http.post("/logout");
        expect(await http.get("/friends", { throwOnError: false })).toMatchObject({ status: 401 });
      }),
    ),
    done("GET /friends", "lists friends", "@net/server createServer", () =>
      withUser("alice", async (alice) => {
        expect(await usernames(alice)).toEqual(["bob"]);
      }),
    ),
    done(
      "POST /friend_request/{username}, POST /accept_friend_request/{username}",
      "make friends",
      "@net/server createServer",
      () =>
        withServer(async (server) => {
          const [alice, charlie] = [await login(server, "alice"), await login(server, "charlie")];
          await alice.http.post("/friend_request/charlie");
          expect(await usernames(alice)).toEqual(["bob"]);
          await charlie.http.post("/accept_friend_request/alice");
          expect(await usernames(alice)).toEqual(["bob", "charlie"]);
        }),
    ),
    done(
      "GET /agents/{friendId}",
      "lists a friend's agents: name, description, type",
      "@net/server Agent",
      () =>
        withUser("alice", async (alice) => {
          const [bob] = await friendsOf(alice);
          const agents = (await alice.http.get(`/agents/${bob?.id}`)).json();
          expect(agents).toMatchObject({ agents: [{ name: "assistant", type: "assistant" }] });
        }),
    ),
    done("POST /message/{friendId}", "stores a message", "@net/server createServer", () =>
      withUser("alice", async (alice) => {
        const [bob] = await friendsOf(alice);
        const message = { id: "1", to: { agent: "assistant" }, type: "QUERY", text: "hello?" };
        const receipt = await alice.http.post(`/message/${bob?.id}`, { json: message });
        expect(receipt.json()).toMatchObject({ id: "1" });
      }),
    ),
    done(
      "WS /ws",
      "delivers messages at once",
      "@net/server createServer",
      shownByExample(offlineExample, "server.wsUrl"),
    ),
    done(
      "default address http://127.0.0.1:8000, ws://127.0.0.1:8000/ws",
      "where it listens unless told otherwise",
      "packages/server/src/options.ts",
      () =>
        withServer(async ({ wsUrl }) => {
          expect(settle({ database: ":memory:" })).toMatchObject({ host: "127.0.0.1", port: 8000 });
          expect(wsUrl).toMatch(/^ws:\/\/127\.0\.0\.1:\d+\/ws$/);
        }),
    ),

    // Message types
    messageType("PROPOSAL", "suggests"),
    messageType("ACCEPTANCE", "says yes"),
    messageType("REJECTION", "says no"),
    messageType("QUERY", "asks"),
    messageType("TASK", "gives work"),
    messageType("WAIT", "asks for patience"),
    messageType("INFORMATION", "tells"),
    messageType("THANKS", "thanks"),
    messageType("DISAPPOINTMENT", "regrets"),
    messageType("ERROR", "reports a failure"),
    messageType("END", "ends the conversation"),

    // Test users
    testUser("alice", ["bob"]),
    testUser("bob", ["alice", "charlie"]),
    testUser("charlie", ["bob"]),

    // Programs
    open(
      "LocalServer",
      "the server for tests, under its old name",
      "@net/server LocalServer",
      "later: server",
    ),
    open(
      "run the server from the command line, with host and port",
      "starts it",
      "@net/server",
      "later: server",
    ),
    done(
      "example client",
      "a whole conversation",
      offlineExample,
      shownByExample(offlineExample, "/login", "/friends", "/message/"),
    ),
    done(
      "quick test of a server",
      "starts one in the background and asks it",
      "test/specification/network-server.ts",
      () =>
        withServer(async ({ url }) => {
          await using http = new HTTPClient({ baseUrl: url });
          expect((await http.get("/health")).json()).toEqual({ status: "ok" });
        }),
    ),

    done(
      "example: log in, see friends, write, read, log out",
      "the simple way",
      "packages/client/examples/hello.ts",
      shownByExample(
        "packages/client/examples/hello.ts",
        "login(",
        "getFriends()",
        "sendTextMessage(",
        "logout()",
      ),
    ),

    // The client
    done(
      "NetworkInterface",
      "all that a network does, whoever carries it",
      "@net/client NetworkInterface",
      () =>
        withServer(async ({ url }) => {
          await using network: NetworkInterface = new WebSocketNetworkClient({ baseUrl: url });
          expect((await network.login("alice", "password123")).user.username).toBe("alice");
        }),
    ),
    done(
      "new Network(client)",
      "the same for its users over any carrier",
      "@net/client Network",
      () =>
        withServer(async ({ url }) => {
          await using network = new Network(new WebSocketNetworkClient({ baseUrl: url }));
          await network.login("bob", "password123");
          expect(await network.getFriends()).toHaveLength(2);
        }),
    ),
    done(
      "new WebSocketNetworkClient({ baseUrl, wsUrl })",
      "the carrier over HTTP and WebSocket",
      "@net/client WebSocketNetworkClient",
      () =>
        withServer(async ({ url, wsUrl }) => {
          await using network = new Network(new WebSocketNetworkClient({ baseUrl: url, wsUrl }));
          const { user } = await network.login("alice", "password123");
          const [bob] = await network.getFriends();
          await using other = new Network(new WebSocketNetworkClient({ baseUrl: url, wsUrl }));
          await other.login("bob", "password123");
          const text = { recipientAgent: "assistant", text: "hello" };
          await other.sendTextMessage({ recipientId: user.id, ...text });
          for await (const message of network.messages()) {
            expect(message).toMatchObject({ from: { userId: bob?.id }, text: "hello" });
            break;
          }
        }),
    ),
    done(
      "new NetworkClient()",
      "the simple one, for this machine's port 8000 unless told otherwise",
      "@net/client NetworkClient",
      shownBy(
        "packages/client/test/network.test.ts",
        "a NetworkClient goes to this machine's port 8000 unless told otherwise",
      ),
    ),
    done(
      "NetworkClient.signup(username, password)",
      "makes an account",
      "@net/client NetworkClient#signup",
      withClient(async (client) => {
        expect((await client.signup("dora", "correct horse battery")).username).toBe("dora");
      }),
    ),
    done(
      "NetworkClient.login(username, password)",
      "logs in and keeps the token",
      "@net/client NetworkClient#login",
      withClient(async (client) => {
        expect(await client.login("alice", "password123")).not.toHaveProperty("token");
        expect(await client.getFriends()).toMatchObject([{ username: "bob" }]);
      }),
    ),
    done(
      "NetworkClient.getFriends()",
      "lists friends",
      "@net/client NetworkClient#getFriends",
      loggedIn(async (client) => {
        expect(await client.getFriends()).toMatchObject([{ username: "bob" }]);
      }),
    ),
    done(
      "NetworkClient.sendFriendRequest(username)",
      "asks",
      "@net/client NetworkClient#sendFriendRequest",
      loggedIn(async (client) => {
        expect(await client.sendFriendRequest("charlie")).toBe("requested");
      }),
    ),
    done(
      "NetworkClient.acceptFriendRequest(username)",
      "accepts",
      "@net/client NetworkClient#acceptFriendRequest",
      withClient(async (client) => {
        await client.login("alice", "password123");
        await client.sendFriendRequest("charlie");
        await client.login("charlie", "password123");
        expect((await client.acceptFriendRequest("alice")).username).toBe("alice");
        expect(await client.getFriends()).toHaveLength(2);
      }),
    ),
    done(
      "NetworkClient.getAgents(friendId)",
      "a friend's agents",
      "@net/client NetworkClient#getAgents",
      loggedIn(async (client) => {
        const [bob] = await client.getFriends();
        expect(await client.getAgents(bob?.id ?? "")).toMatchObject([
          { name: "assistant", type: "assistant" },
        ]);
      }),
    ),
    done(
      "NetworkClient.sendTextMessage({ recipientId, recipientAgent, text })",
      "writes",
      "@net/client NetworkClient#sendTextMessage",
      loggedIn(async (client) => {
        const [bob] = await client.getFriends();
        const message = { recipientId: bob?.id ?? "", recipientAgent: "assistant", text: "Hello!" };
        expect((await client.sendTextMessage(message)).sentAtMs).toBeGreaterThan(0);
      }),
    ),
    done(
      "NetworkClient.logout()",
      "ends the session",
      "@net/client NetworkClient#logout",
      loggedIn(async (client) => {
        await client.logout();
        await expect(client.getFriends()).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
      }),
    ),
    done(
      "automatic reconnection (client)",
      "messages come again after a loss",
      "@net/client NetworkClient",
      shownBy(
        "test/messaging.test.ts",
        "a killed server loses no message and delivers none twice",
        "a server that restarts politely is found again",
      ),
    ),

    // What it promises, and its next steps
    done(
      "messages wait for users who are offline",
      "and come when they are back",
      "packages/server/src/messages/messages.ts",
      shownByExample(offlineExample, "offline"),
    ),
    done(
      "a database instead of memory",
      "a restart forgets nothing",
      "packages/server/src/store/sqlite/sqlite-store.ts",
      shownBy("packages/server/test/server.test.ts", "what was stored is there after a restart"),
    ),
    done(
      "password hashing",
      "argon2id",
      "packages/server/src/accounts/passwords.ts",
      shownBy(
        "packages/server/test/accounts/passwords.test.ts",
        "a hash is argon2id at the cost that OWASP names, salted, and matches its password only",
      ),
    ),
    open("JWT instead of simple tokens", "tokens that say who", "@net/server", "later: server"),
    open("token refresh", "a session goes on", "@net/server", "later: server"),
    done(
      "rate limiting per user",
      "abuse is refused",
      "@net/server ServerLimits",
      shownBy(
        "packages/server/test/limits/rate-limiter.test.ts",
        "a burst passes, then one for each refill",
      ),
    ),
    open("HTTPS and WSS", "encrypted in production", "@net/server", "later: server"),
    open("end-to-end encryption", "the server cannot read", "@net/client", "later: client"),
    open(
      "monitoring and logging",
      "every operation, performance, errors",
      "@net/server",
      "later: server",
    ),
    open("message history", "what was said before", "@net/server", "later: server"),
    open("group chats", "several at once", "@net/server", "later: server"),
    open("file sharing", "more than text", "@net/server", "later: server"),
    open("presence", "who is there", "@net/server", "later: server"),
  ],
};
