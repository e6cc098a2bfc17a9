import { ValidationError } from "@net/core";
import { createApiClient } from "@net/http";
import { describe, expect, test } from "vitest";
import { ApiEvents } from "../../src/api/events.ts";
import { createClient, type paths } from "../generate/fixtures/assistant/client.ts";
import { standIn } from "./stand-in.ts";

describe("a call is sent as the description says", () => {
  test("with each parameter in its place and style", async () => {
    const { http, asked } = standIn();
    await createClient(http).GET("/search{format}", {
      params: {
        path: { format: "json" },
        query: {
          filter: { color: "red", size: [1, 2] },
          ids: [1, 2],
          tags: ["a", "b"],
          callback: "https://a.example/",
          where: { a: "b" },
          limit: undefined,
        },
      },
    });

    expect(asked[0]?.method).toBe("GET");
    expect(asked[0]?.url.split(/[?&]/)).toEqual([
      "/search.json",
      "filter%5Bcolor%5D=red",
      "filter%5Bsize%5D=1",
      "filter%5Bsize%5D=2",
      "ids=1%7C2",
      "tags=a,b",
      "callback=https://a.example/",
      "where=%7B%22a%22%3A%22b%22%7D",
    ]);
  });

  test("with headers, cookies, body and the caller's options", async () => {
    const { http, asked } = standIn();
    const { signal } = new AbortController();
    await createClient(http).POST("/chat/{thread}/completions", {
      params: {
        path: { thread: "t" },
        header: { "X-Trace": ["a", "b"] },
        cookie: { session: "s" },
      },
      body: { messages: [] },
      headers: { "X-Extra": "e", Accept: "application/json;q=1" },
      timeout: 7,
      idempotencyKey: true,
      signal,
    });

    expect(asked[0]?.options).toEqual({
      headers: {
        accept: "application/json;q=1",
        "x-trace": "a,b",
        cookie: "session=s",
        "x-extra": "e",
      },
      json: { messages: [] },
      throwOnError: false,
      timeout: 7,
      idempotencyKey: true,
      signal,
    });
  });

  test("by its name too, whatever the name is", async () => {
    const { http, asked } = standIn();
    const client = createClient(http);
    await client.operations.constructor({ params: { path: { id: 1 } } });
    await client.operations["files.upload"]({ body: { file: new Blob(["x"]), about: {} } });

    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "PATCH /files/1",
      "POST /files",
    ]);
    expect(Object.keys(client.operations)).toEqual([
      "createCompletion",
      "watch",
      "search",
      "files.upload",
      "getFilesId",
      "constructor",
    ]);
    expect("toString" in client.operations).toBe(false);
  });

  test("with a query that the path has already", async () => {
    const { http, asked } = standIn();
    const client = createApiClient<{ "/?a=b": { get: { parameters: { query: { c: number } } } } }>(
      http,
    );
    await client.GET("/?a=b", { params: { query: { c: 1 } } });

    expect(asked[0]?.url).toBe("/?a=b&c=1");
  });

  test("without a description in the usual styles, as JSON, whatever the answer", async () => {
    const { http, asked } = standIn();
    const client = createApiClient<paths>(http);
    await client.GET("/search{format}", {
      params: { path: { format: "json" }, query: { ids: [1, 2] } },
    });

    expect(asked[0]).toMatchObject({
      url: "/searchjson?ids=1&ids=2",
      options: { headers: { accept: "application/json, */*;q=0.5" } },
    });
  });
});

describe("an answer becomes", () => {
  const call = async (...answer: Parameters<typeof standIn>) => {
    const client = createClient(standIn(...answer).http);
    const { response, ...result } = await client.POST("/chat/{thread}/completions", {
      params: { path: { thread: "t" } },
      body: { messages: [] },
    });
    expect(response.status).toBe(answer[0]);
    return result;
  };

  test("data, where its status is from 200 to 299", async () => {
    expect(await call(200, "application/json", '{"id":"x"}')).toEqual({
      ok: true,
      status: 200,
      data: { id: "x" },
    });
  });

  test("an error, where it is not", async () => {
    expect(await call(422, "application/problem+json", '{"title":"no"}')).toEqual({
      ok: false,
      status: 422,
      error: { title: "no" },
    });
  });

  test("an error also where the error's body is broken", async () => {
    expect(await call(502, "application/json", "<html>")).toEqual({
      ok: false,
      status: 502,
      error: "<html>",
    });
  });

  test("text, nothing, or bytes", async () => {
    expect(await call(200, "text/plain; charset=utf-8", "a")).toMatchObject({ data: "a" });
    expect(await call(200, "application/xml", "<a/>")).toMatchObject({ data: "<a/>" });
    expect(await call(204, "application/json", "")).toEqual({
      ok: true,
      status: 204,
      data: undefined,
    });
    expect(await call(200, "image/png", "A")).toMatchObject({ data: new Uint8Array([65]) });
  });

  test("JSON, or else text, where nothing says what it is", async () => {
    expect(await call(200, "", '{"id":"x"}')).toMatchObject({ data: { id: "x" } });
    expect(await call(200, "", "plain")).toMatchObject({ data: "plain" });
    expect(await call(500, "application/json", "")).toEqual({
      ok: false,
      status: 500,
      error: undefined,
    });
  });

  test("a rejection, where good JSON is promised and broken", async () => {
    await expect(call(200, "application/json", "{")).rejects.toThrow(SyntaxError);
  });
});

describe("an event stream", () => {
  test("is asked for with accept where there is JSON too", async () => {
    const { http, asked } = standIn(
      200,
      "text/event-stream",
      'data: {"text":"a"}\n\ndata: {"text":"b"}\n\n',
    );
    const { data } = await createClient(http).POST("/chat/{thread}/completions", {
      params: { path: { thread: "t" } },
      body: { messages: [] },
      accept: "text/event-stream",
    });
    const words: string[] = [];
    for await (const event of data ?? []) words.push(event.json().text);

    expect(asked[0]?.options.headers).toMatchObject({ accept: "text/event-stream" });
    expect(words).toEqual(["a", "b"]);
  });

  test("is what an operation gives that has nothing else", async () => {
    const { http } = standIn(
      200,
      "text/event-stream",
      'event: x\nid: 7\ndata: {"kind":"started","at":1}\n\n',
    );
    const { data } = await createClient(http).GET("/events");
    const events = await Array.fromAsync(data ?? []);

    expect(events).toMatchObject([{ event: "x", id: "7", data: '{"kind":"started","at":1}' }]);
  });

  test("that is none, where there is nothing else, is no answer", async () => {
    const { http } = standIn(200, "application/json", "{}");

    await expect(createClient(http).GET("/events")).rejects.toThrow(
      "the answer of http://api.example/ is no event stream but application/json",
    );
  });

  test("of no content has no events", async () => {
    const { data } = await createClient(standIn(204, "", "").http).GET("/events");

    expect(await Array.fromAsync(data ?? [])).toEqual([]);
  });

  test("is one of several answers where the operation has others, but no JSON", async () => {
    const description = {
      servers: [],
      operations: {
        watch: { method: "GET", path: "/w", accept: ["text/event-stream", "text/plain"] },
      },
    };
    const watch = (type: string) =>
      createApiClient<{ "/w": { get: object } }>(
        standIn(200, type, "data: a\n\n").http,
        description,
      ).GET("/w");

    expect(await watch("text/plain")).toMatchObject({ data: "data: a\n\n" });
    expect((await watch("text/event-stream")).data).toBeInstanceOf(ApiEvents);
  });

  test("that is refused is an error like any other", async () => {
    const { http } = standIn(500, "application/json", '{"why":"no"}');

    expect(await createClient(http).GET("/events")).toMatchObject({
      ok: false,
      status: 500,
      error: { why: "no" },
    });
  });
});

test("a call that cannot be written is refused before anything is sent", async () => {
  const { http, asked } = standIn();
  const client = createClient(http);
  const body = { messages: [] };
  const leaving = client.operations.createCompletion({ params: { path: { thread: ".." } }, body });
  const missing = createApiClient<{ "/{a}": { get: object } }>(http).GET("/{a}");

  await expect(leaving).rejects.toThrow(ValidationError);
  await expect(missing).rejects.toThrow("the path parameter a of /{a} is missing");
  expect(asked).toEqual([]);
});
