import { HTTPClient } from "@net/http";
import { createServer, type NetworkServer } from "@net/server";

/** A user of the specification's, logged in. */
export interface User {
  readonly id: string;
  readonly http: HTTPClient;
}

/** Runs `use` beside a server with the specification's users: alice, bob and charlie. */
export async function withServer(use: (server: NetworkServer) => Promise<void>): Promise<void> {
  await using server = await createServer({ database: ":memory:", port: 0, testUsers: true });
  await use(server);
}

/** Runs `use` with one of them logged in. */
export function withUser(username: string, use: (user: User) => Promise<void>): Promise<void> {
  return withServer(async (server) => use(await login(server, username)));
}

/** Logs in over the specification's endpoint. */
export async function login({ url }: NetworkServer, username: string): Promise<User> {
  await using anonymous = new HTTPClient({ baseUrl: url, throwOnError: true });
  const credentials = { username, password: "password123" };
  const answer = await anonymous.post("/login", { json: credentials });
  const { token, user } = answer.json() as { token: string; user: { id: string } };
  const headers = { authorization: `Bearer ${token}` };
  return { id: user.id, http: new HTTPClient({ baseUrl: url, throwOnError: true, headers }) };
}

/** The friends' names of a user. */
export async function friendsOf({
  http,
}: User): Promise<readonly { id: string; username: string }[]> {
  const { friends } = (await http.get("/friends")).json() as {
    friends: { id: string; username: string }[];
  };
  return friends;
}
