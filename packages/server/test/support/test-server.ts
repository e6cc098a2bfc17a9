import { createServer, type NetworkServer, type ServerOptions } from "@net/server";
import { TestSocket } from "./test-socket.ts";

export const PASSWORD = "correct horse battery";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever JSON came.
  readonly body: any;
}

export interface TestUser {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Connects and says hello. */
  connect(cursor?: number): Promise<TestSocket>;
}

/** A server on a free port with an empty database, and users to talk to it. */
export class TestServer implements AsyncDisposable {
  readonly server: NetworkServer;

  private constructor(server: NetworkServer) {
    this.server = server;
  }

  static async start(options: Partial<ServerOptions> = {}): Promise<TestServer> {
    return new TestServer(await createServer({ database: ":memory:", port: 0, ...options }));
  }

  async call(method: string, path: string, body?: unknown, token?: string): Promise<Answer> {
    const response = await fetch(this.server.url + path, {
      method,
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status, headers } = response;
    return { status, headers, body: text ? JSON.parse(text) : undefined };
  }

  /** Signs up and logs in; with an agent named `assistant`. */
  async join(username: string): Promise<TestUser> {
    await this.call("POST", "/signup", { username, password: PASSWORD });
    const user = await this.login(username);
    const agents = [{ name: "assistant", description: "", type: "assistant" }];
    await user.call("PUT", "/agents", { agents });
    return user;
  }

  async login(username: string, device?: string, password: string = PASSWORD): Promise<TestUser> {
    const { body } = await this.call("POST", "/login", { username, password, device });
    const { token, user } = body;
    return {
      ...user,
      token,
      call: (method, path, content) => this.call(method, path, content, token),
      connect: async (cursor) => {
        const socket = await this.socket();
        socket.send({ kind: "hello", token, cursor });
        return socket;
      },
    };
  }

  /** Alice and Bob, who are friends. */
  async friends(): Promise<{ alice: TestUser; bob: TestUser }> {
    const alice = await this.join("alice");
    const bob = await this.join("bob");
    await alice.call("POST", "/friend_request/bob");
    await bob.call("POST", "/accept_friend_request/alice");
    return { alice, bob };
  }

  async socket(): Promise<TestSocket> {
    return TestSocket.open(this.server.wsUrl);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server.close();
  }
}

/** A message to somebody's assistant. */
export function draft(id: string, text: string = id): Record<string, unknown> {
  return { id, to: { agent: "assistant" }, type: "INFORMATION", text };
}
