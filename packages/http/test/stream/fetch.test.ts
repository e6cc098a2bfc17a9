import { HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { serve } from "../local-server.ts";

test("fetch has the platform's shape: status, headers, body, url", async () => {
  await using server = await serve((request, response) => {
    response.writeHead(
      201,
      [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
        ["x-method", request.method ?? ""],
      ].flat(),
    );
    request.pipe(response);
  });
  await using http = new HTTPClient();
  const { fetch } = http;

  const response = await fetch(`${server.url}/x`, {
    method: "PUT",
    body: "hello",
    headers: { "x-a": "1" },
  });

  expect(response).toBeInstanceOf(Response);
  expect([response.status, response.ok, response.url, response.redirected]).toEqual([
    201,
    true,
    `${server.url}/x`,
    false,
  ]);
  expect(response.headers.get("x-method")).toBe("PUT");
  expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  expect(await response.text()).toBe("hello");
});

test("it takes a Request, follows redirects, and has its retries", async () => {
  let busy = true;
  await using server = await serve((request, response) => {
    if (busy) response.writeHead(503).end();
    else if (request.url === "/a") response.writeHead(307, { location: "/b" }).end();
    else request.pipe(response);
    busy = false;
  });
  await using http = new HTTPClient({ rng: { next: () => 0 } });

  const response = await http.fetch(
    new Request(`${server.url}/a`, { method: "PUT", body: "again" }),
  );

  expect([response.url, response.redirected, await response.text()]).toEqual([
    `${server.url}/b`,
    true,
    "again",
  ]);
});

test("an abort rejects with the signal's reason; no answer with our error", async () => {
  await using server = await serve((_, response) => response.write("a"));
  await using http = new HTTPClient({ maxRetries: 0 });
  const controller = new AbortController();
  const reason = new Error("enough");
  const response = await http.fetch(server.url, { signal: controller.signal });
  const reading = response.text().catch((error: unknown) => error);

  controller.abort(reason);

  expect(await reading).toMatchObject({ code: "ABORTED", cause: reason });
  await expect(http.fetch(server.url, { signal: controller.signal })).rejects.toBe(reason);
  await expect(http.fetch("http://127.0.0.1:1/")).rejects.toMatchObject({
    code: "CONNECTION_REFUSED",
  });
});

test("redirects are as the platform's: manual gives it, error rejects", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(302, { location: "/x" }).end(),
  );
  await using http = new HTTPClient();

  expect((await http.fetch(server.url, { redirect: "manual" })).status).toBe(302);
  await expect(http.fetch(server.url, { redirect: "error" })).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
  });
});

test("204, 304 and HEAD have no body", async () => {
  await using server = await serve(
    (_, response) => response.writeHead(204).end(),
    (_, response) => response.writeHead(304).end(),
    (_, response) => response.writeHead(200, { "content-length": 5 }).end(),
  );
  await using http = new HTTPClient();

  expect((await http.fetch(server.url)).body).toBeNull();
  expect((await http.fetch(server.url)).status).toBe(304);
  expect((await http.fetch(server.url, { method: "HEAD" })).headers.get("content-length")).toBe(
    "5",
  );
});

test("a status that the platform has no response for is a ProtocolError, and its connection is let go", async () => {
  await using server = await serve((_, response) => response.writeHead(799).write("x"));
  await using http = new HTTPClient({ maxRetries: 0 });

  await expect(http.fetch(server.url)).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await server.idle();
});

test("headers that only the client may say are left out, as the platform does", async () => {
  let connection: string | undefined;
  await using server = await serve((request, response) => {
    connection = request.headers.connection;
    response.end();
  });
  await using http = new HTTPClient();
  const headers = { connection: "close", "content-length": "99" };

  expect((await http.fetch(server.url, { method: "POST", body: "x", headers })).status).toBe(200);
  expect(connection).toBe("keep-alive");
});

test("a body that is cancelled lets its connection go", async () => {
  await using server = await serve((_, response) => response.writeHead(200).write("x"));
  await using http = new HTTPClient();

  await (await http.fetch(server.url)).body?.cancel();

  await server.idle();
});
