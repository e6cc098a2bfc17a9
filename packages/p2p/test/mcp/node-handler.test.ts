import { once } from "node:events";
import { request } from "node:http";
import { expect, test } from "vitest";
import { nodeHandler } from "../../src/mcp/offer/node-handler.ts";
import { HttpHost } from "./support/http.ts";

test("a request arrives as it was sent, and its answer as it was given", async () => {
  const fetch = async (asked: Request): Promise<Response> => {
    const { method, url, headers } = asked;
    const body = {
      method,
      path: new URL(url).pathname,
      tag: headers.get("x-tag"),
      text: await asked.text(),
    };
    return Response.json(body, { status: 202, headers: { "x-answer": "yes" } });
  };
  await using host = new HttpHost(nodeHandler(fetch, () => {}));
  const url = await host.listen();
  const answer = await globalThis.fetch(url, {
    method: "POST",
    headers: { "x-tag": "a" },
    body: "hello",
  });

  expect([answer.status, answer.headers.get("x-answer")]).toEqual([202, "yes"]);
  expect(await answer.json()).toEqual({ method: "POST", path: "/mcp", tag: "a", text: "hello" });
});

test("an answer without a body ends", async () => {
  await using host = new HttpHost(
    nodeHandler(
      async () => new Response(null, { status: 204 }),
      () => {},
    ),
  );
  expect((await fetch(await host.listen())).status).toBe(204);
});

test("the head is sent before there is any body", async () => {
  const silent = new ReadableStream();
  await using host = new HttpHost(
    nodeHandler(
      async () => new Response(silent),
      () => {},
    ),
  );
  const controller = new AbortController();
  const answer = await fetch(await host.listen(), { signal: controller.signal });
  expect(answer.status).toBe(200);
  controller.abort();
});

test("a client that hangs up ends the body of its answer, and aborts its request", async () => {
  const cancelled = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<Request>();
  const endless = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
    cancel: () => cancelled.resolve(),
  });
  const fetch = async (incoming: Request): Promise<Response> => {
    asked.resolve(incoming);
    return new Response(endless);
  };
  await using host = new HttpHost(nodeHandler(fetch, () => {}));
  const outgoing = request(await host.listen()).end();
  const [answer] = (await once(outgoing, "response")) as [NodeJS.ReadableStream];
  await once(answer, "data");
  outgoing.destroy();
  await cancelled.promise;
  expect((await asked.promise).signal.aborted).toBe(true);
});

test("a body that fails cuts the connection, and is told of", async () => {
  const faults: unknown[] = [];
  const fault = new Error("no more");
  const body = new ReadableStream({
    pull(controller) {
      controller.error(fault);
    },
  });
  await using host = new HttpHost(
    nodeHandler(
      async () => new Response(body),
      (error) => faults.push(error),
    ),
  );
  const answer = fetch(await host.listen()).then((response) => response.text());
  await expect(answer).rejects.toThrow();
  expect(faults).toEqual([fault]);
});

test("a handler that throws cuts the connection, and is told of", async () => {
  const faults: unknown[] = [];
  const fault = new Error("no answer");
  await using host = new HttpHost(
    nodeHandler(
      () => Promise.reject(fault),
      (error) => faults.push(error),
    ),
  );
  await expect(fetch(await host.listen())).rejects.toThrow();
  expect(faults).toEqual([fault]);
});
