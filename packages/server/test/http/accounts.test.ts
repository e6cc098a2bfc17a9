import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { PASSWORD, TestServer } from "../support/test-server.ts";

test("signing up and logging in gives a token that names its user", async () => {
  await using server = await TestServer.start();
  const signup = await server.call("POST", "/signup", { username: "alice", password: PASSWORD });
  expect(signup.status).toBe(201);
  expect(signup.body.user).toEqual({ id: expect.any(String), username: "alice" });

  const login = await server.call("POST", "/login", { username: "alice", password: PASSWORD });
  expect(login.status).toBe(200);
  expect(login.headers.get("cache-control")).toBe("no-store");
  expect(login.body).toEqual({
    token: expect.stringMatching(/^[\w-]{43}$/),
    user: signup.body.user,
    device: "default",
    expiresAtMs: expect.any(Number),
  });
});

test("a wrong password and an unknown name get the same answer", async () => {
  await using server = await TestServer.start();
  await server.join("alice");
  const wrong = await server.call("POST", "/login", {
    username: "alice",
    password: "not this one",
  });
  const unknown = await server.call("POST", "/login", { username: "nobody", password: PASSWORD });
  const impossible = await server.call("POST", "/login", { username: "N O", password: PASSWORD });
  expect(wrong.status).toBe(401);
  expect(wrong.headers.get("www-authenticate")).toBe("Bearer");
  expect(wrong.body.error).toMatchObject({
    name: "AuthenticationError",
    code: "AUTHENTICATION_FAILED",
    message: "wrong username or password",
  });
  expect(unknown.body).toEqual(wrong.body);
  expect(impossible.body).toEqual(wrong.body);
});

test("a username can be taken once", async () => {
  await using server = await TestServer.start();
  await server.join("alice");
  const again = await server.call("POST", "/signup", { username: "alice", password: PASSWORD });
  expect(again.status).toBe(409);
  expect(again.body.error).toMatchObject({ code: "CONFLICT" });
});

test("passwords have 12 to 128 characters, and characters are not bytes", async () => {
  await using server = await TestServer.start();
  const signup = async (username: string, password: string): Promise<number> =>
    (await server.call("POST", "/signup", { username, password })).status;
  expect(await signup("short", "a".repeat(11))).toBe(400);
  expect(await signup("emoji", "😀".repeat(11))).toBe(400);
  expect(await signup("long", "a".repeat(129))).toBe(400);
  expect(await signup("twelve", "😀".repeat(12))).toBe(201);
});

test("the same password in another Unicode form logs in", async () => {
  await using server = await TestServer.start();
  await server.call("POST", "/signup", { username: "rene", password: "caf\u00e9 au lait, s.v.p." });
  const { status } = await server.call("POST", "/login", {
    username: "rene",
    password: "cafe\u0301 au lait, s.v.p.",
  });
  expect(status).toBe(200);
});

test.each([
  [{ username: "Alice", password: PASSWORD }, /^username must be 3 to 32 characters of a-z/],
  [{ username: "alice" }, /must have required property 'password'/],
  [{ username: "alice", password: PASSWORD, admin: true }, /must not have the field admin/],
  [{ username: 7, password: PASSWORD }, /^username must be string$/],
  ["{ not JSON", /cannot be read/],
])("a sign-up that is wrong says what is: %j", async (body, message) => {
  await using server = await TestServer.start();
  const answer = await server.call("POST", "/signup", body);
  expect(answer.status).toBe(400);
  expect(answer.body.error).toMatchObject({ name: "ValidationError", code: "INVALID_ARGUMENT" });
  expect(answer.body.error.message).toMatch(message);
});

test("after logging out the token is worth nothing, and another login of the user goes on", async () => {
  await using server = await TestServer.start();
  const first = await server.join("alice");
  const second = await server.login("alice");
  expect((await first.call("POST", "/logout")).status).toBe(204);
  expect((await first.call("GET", "/friends")).status).toBe(401);
  expect((await second.call("GET", "/friends")).status).toBe(200);
});

test("a session ends after seven days", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start({ clock });
  const alice = await server.join("alice");
  await clock.advance(7 * 24 * 3_600_000 - 1);
  expect((await alice.call("GET", "/friends")).status).toBe(200);
  await clock.advance(1);
  expect((await alice.call("GET", "/friends")).status).toBe(401);
});

test.each([
  undefined,
  "",
  "Bearer",
  "Basic YWxpY2U6cHc=",
  `Bearer ${"A".repeat(43)}`,
  `Bearer ${"A".repeat(5000)}`,
])("without a good token nothing is shown: %s", async (authorization) => {
  await using server = await TestServer.start();
  const response = await fetch(`${server.server.url}/friends`, {
    headers: authorization === undefined ? {} : { authorization },
  });
  expect(response.status).toBe(401);
});

test("logins under one name from one address are limited, and one can wait it out", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start({
    clock,
    limits: { login: { burst: 2, perMinute: 6 } },
  });
  await server.call("POST", "/signup", { username: "alice", password: PASSWORD });
  const login = (username: string): ReturnType<TestServer["call"]> =>
    server.call("POST", "/login", { username, password: PASSWORD });
  await login("alice");
  await login("alice");
  const limited = await login("alice");
  expect(limited.status).toBe(429);
  expect(limited.headers.get("retry-after")).toBe("10");
  expect(limited.body.error).toMatchObject({
    name: "RateLimitError",
    retryable: true,
    details: { retryAfterMs: 10_000 },
  });
  expect((await login("somebody")).status).toBe(401);
  await clock.advance(10_000);
  expect((await login("alice")).status).toBe(200);
});

test("sign-ups from one address are limited", async () => {
  await using server = await TestServer.start({ limits: { signup: { burst: 1, perMinute: 1 } } });
  const signup = async (username: string): Promise<number> =>
    (await server.call("POST", "/signup", { username, password: PASSWORD })).status;
  expect(await signup("alice")).toBe(201);
  expect(await signup("bob")).toBe(429);
});

test("requests of one user are limited, those of another are not", async () => {
  await using server = await TestServer.start({ limits: { user: { burst: 2, perMinute: 1 } } });
  const alice = await server.join("alice");
  const bob = await server.join("bob");
  expect((await alice.call("GET", "/friends")).status).toBe(200);
  expect((await alice.call("GET", "/friends")).status).toBe(429);
  expect((await bob.call("GET", "/friends")).status).toBe(200);
});

test("a user has at most 32 devices", async () => {
  const plenty = { burst: 100, perMinute: 1 };
  await using server = await TestServer.start({ limits: { login: plenty } });
  await server.join("alice");
  for (let device = 1; device < 32; device++) await server.login("alice", `device-${device}`);
  const credentials = { username: "alice", password: PASSWORD };
  const answer = await server.call("POST", "/login", { ...credentials, device: "one-more" });
  expect(answer.status).toBe(409);
  const known = await server.call("POST", "/login", { ...credentials, device: "device-7" });
  expect(known.status).toBe(200);
});
