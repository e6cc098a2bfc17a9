import type { StoredSession } from "../store/store.ts";
import type { Hello } from "../wire/envelope.ts";

/** Both remember the same past: neither is behind what it once told the other, nor ahead of what the other has. */
export function isShared(hello: Hello, stored: StoredSession): boolean {
  if (stored.epoch === "" || hello.epoch !== stored.epoch) return false;
  const oursFit = stored.acked <= hello.cursor && hello.received <= stored.head;
  const theirsFit = hello.acked <= stored.cursor && stored.cursor <= hello.head;
  return oursFit && theirsFit;
}
