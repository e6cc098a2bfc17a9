import type { StoredSession } from "../store/store.ts";
import type { Hello, Terms, Welcome } from "../wire/envelope.ts";
import { VERSION } from "../wire/limits.ts";

/** Both remember the same past: neither is behind what it once told the other, nor ahead of what the other has. */
export function isShared(hello: Hello, stored: StoredSession): boolean {
  if (stored.epoch === "" || hello.epoch !== stored.epoch) return false;
  const oursFit = stored.acked <= hello.cursor && hello.received <= stored.head;
  const theirsFit = hello.acked <= stored.cursor && stored.cursor <= hello.head;
  return oursFit && theirsFit;
}

/** What counts of a hello from now on; the rest, a token for instance, need not be kept as long as the link lasts. */
export function termsOf(hello: Hello, resumed: boolean): Terms {
  const { windowMessages, windowBytes, maxMessageBytes, pingMs } = hello;
  const cursor = resumed ? hello.cursor : 0;
  const received = resumed ? hello.received : 0;
  return { cursor, received, windowMessages, windowBytes, maxMessageBytes, pingMs };
}

/** @param terms this end's. */
export function welcomeOf(
  terms: Terms,
  epoch: string,
  resumed: boolean,
  spreadMs: number,
): Welcome {
  const version = VERSION;
  return { kind: "welcome", version, epoch, resumed, spreadMs: Math.ceil(spreadMs), ...terms };
}
