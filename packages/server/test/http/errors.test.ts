import type { Logger } from "@net/core";
import { silentLogger } from "@net/core";
import { expect, test } from "vitest";
import { errorReply } from "../../src/http/error-reply.ts";
import { TestServer } from "../support/test-server.ts";

test("a route that does not exist is NOT_FOUND", async () => {
  await using server = await TestServer.start();
  const answer = await server.call("DELETE", "/friends");
  expect(answer).toMatchObject({ status: 404, body: { error: { code: "NOT_FOUND" } } });
});

test("a path that cannot be decoded is INVALID_ARGUMENT", async () => {
  await using server = await TestServer.start();
  const answer = await server.call("GET", "/agents/%E0%A4%A");
  expect(answer).toMatchObject({ status: 400, body: { error: { code: "INVALID_ARGUMENT" } } });
});

test("a body that is not JSON is UNSUPPORTED", async () => {
  await using server = await TestServer.start();
  const response = await fetch(`${server.server.url}/signup`, { method: "POST", body: "a=b" });
  expect(response.status).toBe(415);
});

test("a body cannot reach a prototype", async () => {
  await using server = await TestServer.start();
  const body = `{"username":"alice","password":"correct horse battery","__proto__":{"admin":true}}`;
  expect((await server.call("POST", "/signup", body)).status).toBe(400);
});

test("the server is healthy", async () => {
  await using server = await TestServer.start();
  expect(await server.call("GET", "/health")).toMatchObject({
    status: 200,
    body: { status: "ok" },
  });
});

test("our own fault is logged whole and told without a word about it", () => {
  const logged: object[] = [];
  const logger: Logger = { ...silentLogger, error: (fields) => void logged.push(Object(fields)) };
  const error = new Error("SELECT secret FROM users");
  const reply = errorReply(error, logger);
  expect(reply.status).toBe(500);
  expect(JSON.stringify(reply)).not.toMatch(/secret|stack/);
  expect(logged).toEqual([{ error }]);
});
