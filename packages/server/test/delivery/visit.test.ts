import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { closeCodes } from "../../src/delivery/close-codes.ts";
import { Delivery } from "../../src/delivery/delivery.ts";
import { HELLO_TIMEOUT, Visit } from "../../src/delivery/visit.ts";
import { WakeUps } from "../../src/delivery/wake-ups.ts";
import type { Session } from "../../src/store/store.ts";
import { FakeConnection } from "../support/fake-connection.ts";
import { sessionOf, storeWith } from "../support/stored-users.ts";

async function visit(authenticate?: (session: Session) => Promise<Session>) {
  const store = await storeWith("bob");
  const session = { ...(await sessionOf(store, "bob")), expiresAtMs: 0 };
  const clock = new FakeClock(-60_000);
  const connection = new FakeConnection();
  const ends: string[] = [];
  const failures: unknown[] = [];
  const { messages } = store;
  const guest = new Visit({
    connection,
    clock,
    authenticate: () => authenticate?.(session) ?? Promise.resolve(session),
    admit: () =>
      new Delivery({
        session,
        messages,
        wakeUps: new WakeUps(),
        connection,
        onFailure: (error) => guest.fail(error),
      }),
    onEnd: () => void ends.push("end"),
    onFailure: (error) => void failures.push(error),
  });
  const hello = async (): Promise<void> => {
    guest.receive(JSON.stringify({ kind: "hello", token: "t" }));
    await settle();
  };
  return { guest, clock, connection, ends, failures, hello };
}

test("a connection ends when its session expires, and leaves no timer", async () => {
  const { clock, connection, ends, hello } = await visit();
  await hello();
  await clock.advance(59_999);
  expect(connection.closedWith).toBeUndefined();
  await clock.advance(1);
  expect(connection.closedWith).toBe(closeCodes.unauthorized);
  expect(ends).toEqual(["end"]);
  expect(clock.pending).toBe(0);
});

test("after hello the time for it no longer matters", async () => {
  const { clock, connection, hello } = await visit();
  await hello();
  await clock.advance(HELLO_TIMEOUT);
  expect(connection.sent).toEqual([{ kind: "welcome", cursor: 0 }]);
  expect(connection.closedWith).toBeUndefined();
});

test("a connection that ends while its token is checked is not taken in", async () => {
  const checked = Promise.withResolvers<void>();
  const { guest, clock, connection, hello } = await visit(async (session) => {
    await checked.promise;
    return session;
  });
  await hello();
  guest.end();
  checked.resolve();
  await settle();
  expect(connection.sent).toEqual([]);
  expect(clock.pending).toBe(0);
});

test("a logout between the check of the token and the welcome counts", async () => {
  let loggedOut = false;
  const { connection, hello } = await visit(async (session) => {
    if (loggedOut) throw new (await import("@net/core")).AuthenticationError("ended");
    loggedOut = true;
    return session;
  });
  await hello();
  expect(connection.sent).toEqual([]);
  expect(connection.closedWith).toBe(closeCodes.unauthorized);
});

test("what fails on our side is reported, and the client may come back", async () => {
  const broken = new Error("disk on fire");
  const { connection, failures, hello } = await visit(() => Promise.reject(broken));
  await hello();
  expect(connection.closedWith).toBe(closeCodes.internalError);
  expect(failures).toEqual([broken]);
});
