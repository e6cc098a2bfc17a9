import { expect, test } from "vitest";
import { world } from "./support/pair.ts";

test("a visitor's signal aborts when he goes, also long after he was let in", async () => {
  let signal: AbortSignal | undefined;
  const { client, clock } = await world({
    authenticate: (visitor) => {
      signal = visitor.signal;
      return { session: visitor.session };
    },
  });
  const laptop = client();
  await clock.advance(60_000);
  expect(signal?.aborted).toBe(false);
  await Promise.all([laptop.close(), clock.advance(10_000)]);
  expect(signal?.aborted).toBe(true);
});

test("a visitor's signal that is asked for after he has gone has aborted", async () => {
  let isGone: (() => boolean) | undefined;
  const { client, clock } = await world({
    authenticate: (visitor) => {
      isGone = () => visitor.signal.aborted;
      return { session: visitor.session };
    },
  });
  const laptop = client();
  await clock.advance(0);
  await Promise.all([laptop.close(), clock.advance(10_000)]);
  expect(isGone?.()).toBe(true);
});
