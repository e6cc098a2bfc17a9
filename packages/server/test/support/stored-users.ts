import type { NewMessage } from "../../src/messages/message.ts";
import { SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Session, Store } from "../../src/store/store.ts";

export const expiresAtMs = 1_000_000;

/** A store in memory, with users whose id is their name. */
export async function storeWith(...usernames: string[]): Promise<SqliteStore> {
  const store = new SqliteStore(":memory:");
  for (const username of usernames) {
    const account = { id: username, username, passwordHash: "", createdAtMs: 0, isTest: false };
    await store.accounts.add(account);
  }
  return store;
}

/** The token's hash is the device's name, in bytes. */
export async function sessionOf(store: Store, userId: string, device = "d"): Promise<Session> {
  const opened = await store.sessions.open({
    id: `session of ${userId} on ${device}`,
    tokenHash: Buffer.from(device),
    userId,
    deviceName: device,
    newDeviceId: `${userId}/${device}`,
    nowMs: 0,
    expiresAtMs,
  });
  if (!opened) throw new Error("too many devices");
  const session = await store.sessions.find(Buffer.from(device), 0);
  if (!session) throw new Error("the session is gone");
  return session;
}

export function messageFrom(senderId: string, recipientId: string, id: string): NewMessage {
  return {
    id,
    senderId,
    senderAgent: undefined,
    recipientId,
    recipientAgent: "assistant",
    type: "INFORMATION",
    text: `text of ${id}`,
    sentAtMs: 1,
  };
}
