import { describe, expect, test } from "vitest";
import { createClient as assistant } from "../generate/fixtures/assistant/client.ts";
import { createClient as galaxy } from "../generate/fixtures/galaxy/client.ts";
import { createClient as petstore } from "../generate/fixtures/petstore/client.ts";
import { createClient as readme } from "../generate/fixtures/readme/client.ts";
import { mirror } from "./mirror.ts";

describe("the petstore", () => {
  const pet = { name: "doggie", photoUrls: ["a"], id: 7 };

  test("finds pets: lists in a query, answers in JSON", async () => {
    await using server = await mirror(() => ({ json: [pet] }));
    const { data } = await petstore(server.http).GET("/pet/findByStatus", {
      params: { query: { status: ["available", "sold"] } },
    });

    expect(data?.[0]?.name).toBe("doggie");
    expect(server.seen).toMatchObject({ method: "GET", path: "/v1/pet/findByStatus", body: "" });
    expect(server.seen.query).toEqual([
      ["status", "available"],
      ["status", "sold"],
    ]);
    expect(server.seen.headers.accept).toBe("application/json");
  });

  test("takes a pet as JSON, and says what was wrong with it", async () => {
    await using server = await mirror(() => ({ status: 405, text: "Invalid input" }));
    const { ok, status, error } = await petstore(server.http).operations.addPet({ body: pet });

    expect({ ok, status, error }).toEqual({ ok: false, status: 405, error: "Invalid input" });
    expect(JSON.parse(server.seen.body)).toEqual(pet);
    expect(server.seen.headers["content-type"]).toBe("application/json");
  });

  test("takes forms, files and header parameters", async () => {
    await using server = await mirror(() => ({ json: { code: 200 } }));
    const client = petstore(server.http);
    await client.operations.updatePetWithForm({
      params: { path: { petId: 7 } },
      body: { name: "a b", status: "sold" },
    });
    expect(server.seen).toMatchObject({
      method: "POST",
      path: "/v1/pet/7",
      body: "name=a+b&status=sold",
    });
    expect(server.seen.headers["content-type"]).toMatch("application/x-www-form-urlencoded");

    const { data } = await client.POST("/pet/{petId}/uploadImage", {
      params: { path: { petId: 7 } },
      body: {
        additionalMetadata: "m",
        file: new File(["bytes"], "pet.png", { type: "image/png" }),
      },
    });
    expect(data?.code).toBe(200);
    expect(server.seen.headers["content-type"]).toMatch(/^multipart\/form-data; ?boundary=/);
    expect(server.seen.body).toMatch(/name="additionalMetadata"\r\n\r\nm\r\n/);
    expect(server.seen.body).toMatch(
      /name="file"; filename="pet.png"\r\ncontent-type: image\/png\r\n\r\nbytes\r\n/i,
    );

    await client.DELETE("/pet/{petId}", {
      params: { path: { petId: 7 }, header: { api_key: "k" } },
    });
    expect(server.seen.headers.api_key).toBe("k");
  });
});

describe("the galaxy", () => {
  test("gives a planet, and a planet that is not there is an error as described", async () => {
    await using server = await mirror(({ path }) =>
      path.endsWith("/1")
        ? { json: { id: 1, name: "Mars" } }
        : { status: 404, json: { title: "Not Found" } },
    );
    const client = galaxy(server.http);
    const found = await client.GET("/planets/{planetId}", { params: { path: { planetId: 1 } } });
    const missing = await client.GET("/planets/{planetId}", { params: { path: { planetId: 2 } } });

    expect(found.data?.name).toBe("Mars");
    expect(missing.ok || missing.error).toMatchObject({ title: "Not Found" });
    expect(missing.status).toBe(404);
  });

  test("pages through planets, and takes a new one and its picture", async () => {
    await using server = await mirror(() => ({
      status: 200,
      json: { data: [{ id: 1, name: "Mars" }] },
    }));
    const client = galaxy(server.http);
    const { data } = await client.operations.getAllData({
      params: { query: { limit: 1, offset: 2 } },
    });
    expect(data?.data?.[0]?.name).toBe("Mars");
    expect(server.seen.query).toEqual([
      ["limit", "1"],
      ["offset", "2"],
    ]);

    await client.operations.uploadImage({
      params: { path: { planetId: 1 } },
      body: { image: new Blob(["i"], { type: "image/jpeg" }) },
    });
    expect(server.seen).toMatchObject({ method: "POST", path: "/v1/planets/1/image" });
    expect(server.seen.body).toContain('name="image"');
  });
});

describe("ReadMe", () => {
  const question = { question: "How far do owls turn their heads?" };

  test("answers at once, or word by word", async () => {
    await using server = await mirror(({ headers }) =>
      headers.accept === "text/event-stream"
        ? { type: "text/event-stream", text: "data: 270\n\ndata: degrees\n\n" }
        : { json: { answer: "270 degrees" } },
    );
    const client = readme(server.http);
    const { data } = await client.POST("/owlbot/ask", { body: question });
    const { data: events } = await client.POST("/owlbot/ask", {
      body: { ...question, stream: true },
      accept: "text/event-stream",
    });
    const words = await Array.fromAsync(events ?? [], (event) => event.data);

    expect(data?.answer).toBe("270 degrees");
    expect(words).toEqual(["270", "degrees"]);
    expect(JSON.parse(server.seen.body)).toEqual({ ...question, stream: true });
  });

  test("is asked for a version, and names what is missing", async () => {
    await using server = await mirror(() => ({
      status: 404,
      json: { error: "CATEGORY_NOTFOUND", message: "The category could not be found." },
    }));
    const { error } = await readme(server.http).GET("/categories/{slug}", {
      params: { path: { slug: "a b" }, header: { "x-readme-version": "v3" } },
    });

    expect(error).toMatchObject({ error: "CATEGORY_NOTFOUND" });
    expect(server.seen.path).toBe("/v1/categories/a%20b");
    expect(server.seen.headers["x-readme-version"]).toBe("v3");
  });
});

describe("the assistant", () => {
  test("streams events as they come, and leaving the loop ends the answer", async () => {
    await using server = await mirror(() => ({
      type: "text/event-stream",
      text: 'data: {"kind":"started","at":1}\n\nevent: end\ndata: {"kind":"ended","why":"x"}\n\n',
      endless: true,
    }));
    const { data, response } = await assistant(server.http).operations.watch();
    for await (const event of data ?? []) {
      expect(event.json()).toEqual({ kind: "started", at: 1 });
      break;
    }
    await server.left;

    expect(response.headers["content-type"]).toBe("text/event-stream");
  });

  test("ends a stream that nobody reads, where it is disposed of", async () => {
    await using server = await mirror(() => ({
      type: "text/event-stream",
      text: ":\n",
      endless: true,
    }));
    const { data } = await assistant(server.http).operations.watch();
    await data?.[Symbol.asyncDispose]();
    await server.left;

    expect(server.seen.path).toBe("/v1/events");
  });

  test("refuses a stream with a problem as described", async () => {
    await using server = await mirror(() => ({
      status: 422,
      type: "application/problem+json",
      json: { title: "no", detail: [1] },
    }));
    const result = await assistant(server.http).POST("/chat/{thread}/completions", {
      params: { path: { thread: "t" }, cookie: { session: "s" } },
      body: { messages: [{ role: "user", content: "hi" }] },
      accept: "text/event-stream",
    });

    expect(result.ok || result.error).toEqual({ title: "no", detail: [1] });
    expect(server.seen.headers.cookie).toBe("session=s");
  });

  test("takes every style of query parameter", async () => {
    await using server = await mirror(() => ({ json: { hits: [] } }));
    await assistant(server.http).operations.search({
      params: {
        path: { format: "text" },
        query: { filter: { color: "red & blue" }, ids: [1, 2], tags: ["a"], where: { x: "é" } },
      },
    });

    expect(server.seen.path).toBe("/v1/search.text");
    expect(server.seen.query).toEqual([
      ["filter[color]", "red & blue"],
      ["ids", "1|2"],
      ["tags", "a"],
      ["where", '{"x":"é"}'],
    ]);
  });

  test("gives bytes as bytes, and nothing for no content", async () => {
    await using server = await mirror(({ method }) =>
      method === "GET" ? { type: "application/octet-stream", text: "A" } : { status: 204 },
    );
    const { operations } = assistant(server.http);
    const params = { path: { id: 1 } };
    const { data } = await operations.getFilesId({ params });
    const changed = await operations.constructor({
      params,
      contentType: "application/merge-patch+json",
      body: { name: "n" },
    });

    expect(data && [...data]).toEqual([65]);
    expect(changed).toMatchObject({ ok: true, status: 204, data: undefined });
    expect(server.seen.headers["content-type"]).toBe("application/merge-patch+json");
  });

  test("a client's own throwOnError changes nothing; no answer still rejects", async () => {
    await using server = await mirror(() => ({ status: 404 }));
    const { operations } = assistant(server.http);
    const gone = operations.getFilesId({
      params: { path: { id: 1 } },
      signal: AbortSignal.abort(),
    });

    await expect(gone).rejects.toMatchObject({ code: "ABORTED" });
    await expect(operations.getFilesId({ params: { path: { id: 1 } } })).resolves.toMatchObject({
      ok: false,
      status: 404,
      error: undefined,
    });
  });
});
