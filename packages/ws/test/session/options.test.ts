import { type NetworkError, ValidationError } from "@net/core";
import { acceptSessions, memorySessionStore, session } from "@net/ws/session";
import { expect, test } from "vitest";
import { world } from "./support/pair.ts";

function refusal(make: () => unknown): NetworkError | undefined {
  try {
    make();
    return undefined;
  } catch (error) {
    return error as NetworkError;
  }
}

const store = memorySessionStore();
const redial = (): Promise<never> => Promise.reject(new Error("never"));
const client = { id: "laptop", store, redial };

test.each<[string, unknown]>([
  ["a session needs the option store: a SessionStore", { id: "laptop", redial }],
  ["a session needs the option redial: a function", { id: "laptop", store }],
  ["a session needs the option id: a text", { store, redial }],
  ["a session must be an object", undefined],
  ["store must be a SessionStore, as memorySessionStore() makes one", { ...client, store: {} }],
  ["redial must be a function", { ...client, redial: "ws://a/" }],
  ["a session has no option reconect: did you mean reconnect?", { ...client, reconect: {} }],
  ["reconnect must be an object", { ...client, reconnect: false }],
  ["reconnect has no option minimum: there are min, max, resetAfter", minimum()],
  ["reconnect.min must be a finite number of 0 or more", { ...client, reconnect: { min: -1 } }],
  ["reconnect.max must be a finite number", { ...client, reconnect: { max: "x" } }],
  ["reconnect.resetAfter must be 0 or more", { ...client, reconnect: { resetAfter: -1 } }],
  ["window must be an object", { ...client, window: 5 }],
  ["window has no option size: there are messages, bytes", { ...client, window: { size: 5 } }],
  ["token must be a text that is not empty, or a function", { ...client, token: 5 }],
  ["schema must be a Standard Schema", { ...client, schema: { type: "string" } }],
  ["id must be a text", { ...client, id: 5 }],
  ["a session's id must have 1 to", { ...client, id: "x".repeat(500) }],
  ["signal must be an AbortSignal", { ...client, signal: {} }],
  ["clock must be a Clock", { ...client, clock: {} }],
  ["rng must be an Rng", { ...client, rng: Math.random }],
])("of a session: %s", (message, options) => {
  expect(refusal(() => session(options as never))).toMatchObject({
    ...{ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) },
  });
});

function minimum(): unknown {
  return { ...client, reconnect: { minimum: 1 } };
}

const authenticate = ({ session: id }: { session: string }): { session: string } => ({
  session: id,
});

test.each<[string, unknown]>([
  ["acceptSessions needs the option store", {}],
  ["acceptSessions needs the option authenticate", { store }],
  ["acceptSessions must be an object", undefined],
  ["store must be a SessionStore", { store: new Map(), authenticate }],
  ["authenticate must be a function", { store, authenticate: true }],
  ["onSession must be a function", { store, authenticate, onSession: {} }],
  ["acceptSessions has no option maxSession: did you mean maxSessions?", { store, maxSession: 5 }],
])("%s", (message, options) => {
  expect(refusal(() => acceptSessions(options as never))).toMatchObject({
    ...{ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) },
  });
});

test.each([undefined, null, {}, "ws://a/"])(
  "a redial that gives %j ends the session, which says why",
  async (link) => {
    const { client: join } = await world();
    const closed = join({ redial: () => Promise.resolve(link as never) }).closed;

    expect(await closed).toMatchObject({
      ...{
        code: "INVALID_ARGUMENT",
        message: expect.stringContaining("what redial gives must be a Link"),
      },
    });
  },
);

test.each<[string, unknown]>([
  ["a bigint", 1n],
  ["a bigint within", { count: [1n] }],
  ["what does not say what it is as JSON", { toJSON: () => nothing() }],
])("%s is no body, and no parameters: nothing is sent", async (_what, value) => {
  const { client: join, clock, server } = await world();
  const laptop = join();
  await clock.advance(0);

  await expect(laptop.publish(value as never)).rejects.toThrow(ValidationError);
  await expect(laptop.request("count", value as never)).rejects.toThrow("a body must be JSON");
  await expect(server.enqueue("laptop", value as never)).rejects.toThrow(ValidationError);
});

function nothing(): never {
  throw new Error("not today");
}
