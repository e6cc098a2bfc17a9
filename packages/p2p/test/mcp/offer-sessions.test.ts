import { StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { MeshMcpServer } from "../../src/mcp/offer/mesh-mcp-server.ts";
import { officialClient } from "./support/clients.ts";
import { FakeMesh } from "./support/fake-mesh.ts";
import { offer } from "./support/offer.ts";

// Clients of 2025-11-25 and before, without wires.

const VERSION = "2025-11-25";
const HOST = "http://127.0.0.1/mcp";

interface Asking {
  readonly method?: string;
  readonly id?: string | null;
  readonly message?: unknown;
  readonly signal?: AbortSignal;
}

function ask(mesh: MeshMcpServer, { method = "POST", id, message, signal }: Asking) {
  const headers = {
    ...{ host: "127.0.0.1", "content-type": "application/json" },
    accept: "application/json, text/event-stream",
    ...(id && { "mcp-session-id": id, "mcp-protocol-version": VERSION }),
  };
  const body = message === undefined ? null : JSON.stringify(message);
  return mesh.fetch(new Request(HOST, { method, headers, body, signal: signal ?? null }));
}

const initialize = {
  ...{ jsonrpc: "2.0", id: 0, method: "initialize" },
  params: {
    ...{ protocolVersion: VERSION, capabilities: {} },
    clientInfo: { name: "old", version: "1" },
  },
};
const ping = { jsonrpc: "2.0", id: 1, method: "ping" };

/** @returns the session's id. */
async function begin(mesh: MeshMcpServer): Promise<string | null> {
  const answer = await ask(mesh, { message: initialize });
  await answer.text();
  return answer.headers.get("mcp-session-id");
}

/** Whether the session is known. */
async function status(mesh: MeshMcpServer, id: string | null): Promise<number> {
  const answer = await ask(mesh, { id, message: ping });
  await answer.text();
  await settle();
  return answer.status;
}

/** Opens its news, and leaves them open. */
function listen(mesh: MeshMcpServer, id: string | null): Promise<Response> {
  return ask(mesh, { method: "GET", id });
}

test("each client has a session of its own, until it ends it", async () => {
  const mesh = offer(new FakeMesh());
  const [one, other] = [await begin(mesh), await begin(mesh)];
  expect(one).not.toBe(other);
  expect(one).toMatch(/^[\da-f-]{36}$/);
  const ended = await ask(mesh, { method: "DELETE", id: one });
  expect(ended.status).toBe(200);
  expect(await status(mesh, one)).toBe(404);
  expect(await status(mesh, other)).toBe(200);
});

test("an unknown session is told so, that its client may begin another one", async () => {
  const mesh = offer(new FakeMesh());
  expect(await status(mesh, "nobody's")).toBe(404);
  expect((await ask(mesh, { method: "GET", id: "nobody's" })).status).toBe(404);
  expect((await ask(mesh, { method: "DELETE", id: "nobody's" })).status).toBe(404);
});

test("who begins no session is served all the same", async () => {
  const mesh = offer(new FakeMesh());
  expect(await status(mesh, null)).toBe(200);
  expect((await ask(mesh, { method: "GET" })).status).toBe(405);
});

test("the official client ends its session", async () => {
  const mesh = offer(new FakeMesh());
  const transport = new StreamableHTTPClientTransport(new URL(HOST), {
    fetch: (url, init) => {
      const request = new Request(url, init);
      request.headers.set("host", "127.0.0.1");
      return mesh.fetch(request);
    },
  });
  const client = officialClient("legacy");
  await client.connect(transport);
  const id = transport.sessionId ?? null;
  expect(await status(mesh, id)).toBe(200);
  await transport.terminateSession();
  await client.close();
  expect(await status(mesh, id)).toBe(404);
});

test("a session that nobody uses ends, and one that is used or listened to does not", async () => {
  const clock = new FakeClock();
  const mesh = offer(new FakeMesh(), { clock, sessionIdleTimeout: 1_000 });
  const [silent, asking, listening] = [await begin(mesh), await begin(mesh), await begin(mesh)];
  const news = await listen(mesh, listening);
  await clock.advance(900);
  expect(await status(mesh, asking)).toBe(200);
  await clock.advance(900);
  expect(await status(mesh, silent)).toBe(404);
  expect(await status(mesh, asking)).toBe(200);
  await clock.advance(10_000);
  expect(await status(mesh, listening)).toBe(200);
  await news.body?.cancel();
  await clock.advance(1_000);
  expect(await status(mesh, listening)).toBe(404);
  expect(clock.pending).toBe(0);
});

test("a session whose call runs is used", async () => {
  const clock = new FakeClock();
  const fake = new FakeMesh();
  const { promise: done, resolve } = Promise.withResolvers<string>();
  fake.registerTool({ name: "long" }, () => done);
  const mesh = offer(fake, { clock, sessionIdleTimeout: 1_000 });
  const id = await begin(mesh);
  const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "long" } };
  const answer = await ask(mesh, { id, message });
  await clock.advance(5_000);
  resolve("at last");
  expect(await answer.text()).toContain("at last");
});

test("a further client takes the place of the one that is silent for longest", async () => {
  const mesh = offer(new FakeMesh(), { maxSessions: 2 });
  const [one, other] = [await begin(mesh), await begin(mesh)];
  expect(await status(mesh, one)).toBe(200);
  const third = await begin(mesh);
  expect(await status(mesh, other)).toBe(404);
  expect(await status(mesh, one)).toBe(200);
  expect(await status(mesh, third)).toBe(200);
});

test("while all sessions are used no further one begins, however many ask at once", async () => {
  const mesh = offer(new FakeMesh(), { maxSessions: 2 });
  const asked = Array.from({ length: 5 }, () => ask(mesh, { message: initialize }));
  const statuses = (await Promise.all(asked)).map((answer) => answer.status);
  expect(statuses.toSorted()).toEqual([200, 200, 503, 503, 503]);
});

test("what was no beginning after all takes no place", async () => {
  const clock = new FakeClock();
  const mesh = offer(new FakeMesh(), { clock });
  const headers = { host: "127.0.0.1", "content-type": "text/plain" };
  const body = JSON.stringify(initialize);
  const answer = await mesh.fetch(new Request(HOST, { method: "POST", body, headers }));
  expect(answer.status).toBe(406);
  expect(clock.pending).toBe(0);
});

test("ending a session ends its calls", async () => {
  const fake = new FakeMesh();
  const begun = Promise.withResolvers<AbortSignal>();
  fake.registerTool({ name: "forever" }, (_, { signal }) => {
    begun.resolve(signal);
    return new Promise(() => {});
  });
  const mesh = offer(fake);
  const id = await begin(mesh);
  const message = { jsonrpc: "2.0", id: 1, method: "tools/call", params: { name: "forever" } };
  const answer = await ask(mesh, { id, message });
  const signal = await begun.promise;
  expect(signal.aborted).toBe(false);
  await ask(mesh, { method: "DELETE", id });
  expect(signal.aborted).toBe(true);
  expect(await answer.text()).toBe("");
});

test("closing ends sessions and what they listen to", async () => {
  const clock = new FakeClock();
  const mesh = offer(new FakeMesh(), { clock });
  const id = await begin(mesh);
  const news = await listen(mesh, id);
  await mesh.close();
  expect(await news.text()).toBe("");
  expect(await status(mesh, id)).toBe(503);
  expect(clock.pending).toBe(0);
});

test("its limits must be numbers above 0", () => {
  for (const options of [{ maxSessions: 0 }, { sessionIdleTimeout: -1 }]) {
    expect(() => offer(new FakeMesh(), options)).toThrow(
      expect.objectContaining({ code: "INVALID_ARGUMENT" }),
    );
  }
});
