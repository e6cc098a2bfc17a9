import { NetworkError } from "@net/core";
import type { NewMessage, OfferLimit, SessionStore } from "../../session/store/store.ts";
import type { StoreHarness } from "../session-store.ts";

/** Rejects if the store does not keep its promise. */
export type Scenario = <Tx>(store: SessionStore<Tx>, harness: StoreHarness<Tx>) => Promise<void>;

export const all: OfferLimit = { messages: 1_000, bytes: 1_000_000 };
export function ids(messages: readonly { readonly id: string }[]): string[] {
  return messages.map(({ id }) => id);
}
export function conflict(error: unknown): boolean {
  return NetworkError.is(error, "CONFLICT");
}

export function message(id: string, size = 2): NewMessage {
  return { id, body: JSON.stringify("x".repeat(size - 2)), bytes: size };
}

/** A session in epoch `e` with these messages waiting. */
export async function begun<Tx>(store: SessionStore<Tx>, ...waiting: string[]): Promise<void> {
  await store.reset("s", "e");
  await store.append(
    "s",
    waiting.map((id) => message(id)),
    100,
  );
}
