import { randomUUID } from "node:crypto";
import { type Clock, NetworkError } from "@net/core";
import type { Passwords } from "./accounts/passwords.ts";
import { isLoopback } from "./options.ts";
import type { Store } from "./store/store.ts";

const usernames = ["alice", "bob", "charlie"] as const;
const friendships = [
  ["alice", "bob"],
  ["bob", "charlie"],
] as const;
/** Published with the specification, and one character short of what people must choose. */
const PASSWORD = "password123";
const assistant = { name: "assistant", description: "Answers questions.", type: "assistant" };

/** Adds the specification's users, with their friendships; not to a database that knows one of the names. */
export async function addTestUsers(
  store: Store,
  passwords: Passwords,
  clock: Clock,
): Promise<void> {
  const known = await Promise.all(usernames.map((username) => store.accounts.find(username)));
  if (known.some((account) => account !== undefined)) return;
  // The slow part first: a crash in the middle must not leave half of them behind.
  const hashes = await Promise.all(usernames.map(() => passwords.hash(PASSWORD)));
  const ids = new Map<string, string>();
  for (const [index, username] of usernames.entries()) {
    const id = randomUUID();
    const passwordHash = hashes[index] ?? "";
    const createdAtMs = clock.nowMs();
    ids.set(username, id);
    await store.accounts.add({ id, username, passwordHash, createdAtMs, isTest: true });
    await store.agents.replace(id, [assistant]);
  }
  for (const [from, to] of friendships) {
    const [fromId = "", toId = ""] = [ids.get(from), ids.get(to)];
    await store.friends.request(fromId, toId);
    await store.friends.accept(toId, fromId);
  }
}

/**
 * A database that once had test users still has their password.
 *
 * @throws NetworkError `INVALID_STATE` if other machines could log in with it.
 */
export async function refuseTestUsersInPublic(store: Store, host: string): Promise<void> {
  if (isLoopback(host) || !(await store.accounts.hasTestUsers())) return;
  throw new NetworkError(
    "INVALID_STATE",
    `this database holds test users with a published password: do not serve it at ${host}`,
  );
}
