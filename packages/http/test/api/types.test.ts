import {
  type ApiClient,
  type ApiEvents,
  createApiClient,
  HTTPClient,
  type ServerSentEvent,
} from "@net/http";
import { describe, expect, expectTypeOf, test } from "vitest";
import {
  type Completion,
  createClient,
  type Delta,
  type Event,
  type Hit,
  type operations,
  type Problem,
  type paths,
} from "../generate/fixtures/assistant/client.ts";
import type { Pet, paths as PetstorePaths } from "../generate/fixtures/petstore/client.ts";
import { standIn } from "./stand-in.ts";

// The compiler proves these, with all other sources (`pnpm typecheck`) and in the test of the fixtures. Each line under
// `@ts-expect-error` is one that must not compile; the compiler says so if it does.

const client: ApiClient<paths, operations> = createClient(standIn().http);

/** Compiled, and never run. */
function neverRun(_: () => unknown): void {}

const { search, createCompletion: complete, constructor: change } = client.operations;

const completion = { params: { path: { thread: "t" } }, body: { messages: [] } };

describe("what a call takes", () => {
  test("is a path that has the method", () => {
    neverRun(() => client.GET("/events"));
    // @ts-expect-error there is no such path
    neverRun(() => client.GET("/nope"));
    // @ts-expect-error the path has no PUT
    neverRun(() => client.PUT("/events"));
    // @ts-expect-error there is no such operation
    neverRun(() => client.operations.nope());
    expectTypeOf(client.operations).toHaveProperty("files.upload");
  });

  test("has the parameters that it must have", () => {
    neverRun(() => client.GET("/files/{id}", { params: { path: { id: 1 } } }));
    // @ts-expect-error the init is missing
    neverRun(() => client.GET("/files/{id}"));
    // @ts-expect-error the params are missing
    neverRun(() => client.GET("/files/{id}", {}));
    // @ts-expect-error the path parameter is missing
    neverRun(() => client.GET("/files/{id}", { params: { path: {} } }));
    // @ts-expect-error the path parameter is a number
    neverRun(() => client.GET("/files/{id}", { params: { path: { id: "1" } } }));
    // @ts-expect-error there is no such path parameter
    neverRun(() => client.GET("/files/{id}", { params: { path: { id: 1, name: "x" } } }));
    // @ts-expect-error the operation has no parameters
    neverRun(() => client.GET("/events", { params: { query: { a: 1 } } }));
  });

  test("has only the parameters that there are, of their types", () => {
    const path = { format: "json" } as const;
    const { body } = completion;
    neverRun(() => search({ params: { path, query: { ids: [1], limit: undefined } } }));
    // @ts-expect-error json or text
    neverRun(() => search({ params: { path: { format: "xml" } } }));
    // @ts-expect-error a list of numbers
    neverRun(() => search({ params: { path, query: { ids: ["1"] } } }));
    // @ts-expect-error there is no such query parameter
    neverRun(() => search({ params: { path, query: { id: [1] } } }));
    // @ts-expect-error there is no such property of the filter
    neverRun(() => search({ params: { path, query: { filter: { colour: "red" } } } }));
    // @ts-expect-error header parameters have types too
    neverRun(() => complete({ body, params: { path: { thread: "t" }, header: { "X-Trace": 1 } } }));
  });

  test("has the body that it must have, without what only the server sets", () => {
    const { params } = completion;
    neverRun(() => complete(completion));
    // @ts-expect-error the body is missing
    neverRun(() => complete({ params: completion.params }));
    // @ts-expect-error messages are missing
    neverRun(() => complete({ ...completion, body: {} }));
    // @ts-expect-error no message has this role
    neverRun(() => complete({ params, body: { messages: [{ role: "system", content: "" }] } }));
    // @ts-expect-error a tool's message has a result
    neverRun(() => complete({ params, body: { messages: [{ role: "tool", content: "" }] } }));
    // @ts-expect-error the operation has no body
    neverRun(() => client.GET("/events", { body: {} }));
    neverRun(() =>
      client.POST("/files", { body: { file: new Uint8Array(), about: { secret: "s" } } }),
    );
    neverRun(() => client.POST("/files", { body: new FormData() }));
    // @ts-expect-error `created` is read-only
    neverRun(() => client.POST("/files", { body: { file: new Blob(), about: { created: "" } } }));
    // @ts-expect-error a file is no string
    neverRun(() => client.POST("/files", { body: { file: "bytes", about: {} } }));
  });

  test("names the body's media type where there are several, none of them JSON", () => {
    const params = { path: { id: 1 } };
    neverRun(() => change({ params }));
    neverRun(() =>
      change({ params, contentType: "application/merge-patch+json", body: { name: "n" } }),
    );
    neverRun(() =>
      change({ params, contentType: "application/x-www-form-urlencoded", body: { tags: ["t"] } }),
    );
    // @ts-expect-error the media type is missing
    neverRun(() => change({ params, body: { name: "n" } }));
    // @ts-expect-error the media type is none of the operation's
    neverRun(() => change({ params, contentType: "application/json", body: { name: "n" } }));
    const contentType = "application/merge-patch+json";
    // @ts-expect-error the body is one of the other media type
    neverRun(() => change({ params, contentType, body: { tags: [] } }));
  });
});

describe("what a call gives", () => {
  type Result<Call extends (...args: never[]) => Promise<unknown>> = Awaited<ReturnType<Call>>;

  test("is data or an error, told apart by ok, status, or each other", async () => {
    const result = await client.POST("/chat/{thread}/completions", completion);
    if (result.ok) {
      expectTypeOf(result.status).toEqualTypeOf<200>();
      expectTypeOf(result.data).toEqualTypeOf<Completion>();
      expectTypeOf(result.error).toEqualTypeOf<undefined>();
    } else {
      expectTypeOf(result.status).toEqualTypeOf<number>();
      expectTypeOf(result.error).toEqualTypeOf<Problem | string>();
      expectTypeOf(result.data).toEqualTypeOf<undefined>();
    }
    const { data, error } = result;
    if (error === undefined) expectTypeOf(data).toEqualTypeOf<Completion>();
    else expectTypeOf(data).toEqualTypeOf<undefined>();
    expect(result.ok).toBe(true);
  });

  test("is data without what only the client sets", () => {
    expectTypeOf<Result<typeof client.operations.search>>().toExtend<
      { ok: true; data: { hits: Hit[]; next?: string | null } } | { ok: false; error: unknown }
    >();
    expectTypeOf<
      Extract<Result<(typeof client.operations)["files.upload"]>, { ok: true }>["data"]
    >().not.toHaveProperty("secret");
  });

  test("is nothing for an answer without content, and bytes for bytes", () => {
    type Changed = Extract<Result<typeof client.operations.constructor>, { ok: true }>;
    expectTypeOf<Changed["data"]>().toEqualTypeOf<undefined>();
    expectTypeOf<Changed["status"]>().toEqualTypeOf<204>();
    type Bytes = Result<typeof client.operations.getFilesId>;
    expectTypeOf<Extract<Bytes, { ok: true }>["data"]>().toEqualTypeOf<Uint8Array>();
    expectTypeOf<Extract<Bytes, { ok: false }>["status"]>().toEqualTypeOf<404>();
  });

  test("is a stream of events where that is asked for, or there is nothing else", async () => {
    const accept = "text/event-stream";
    const streaming = createClient(standIn(200, accept, "").http);
    const asked = await streaming.POST("/chat/{thread}/completions", { ...completion, accept });
    expectTypeOf(asked.data).toEqualTypeOf<ApiEvents<Delta> | undefined>();
    const watched = await streaming.operations.watch();
    expectTypeOf(watched.data).toEqualTypeOf<ApiEvents<Event> | undefined>();
    expectTypeOf<ReturnType<ServerSentEvent<Delta>["json"]>>().toEqualTypeOf<Delta>();
    // @ts-expect-error the operation offers no XML
    neverRun(() => complete({ ...completion, accept: "application/xml" }));
  });

  test("is unknown where the description names no success", () => {
    const petstore = createApiClient<PetstorePaths>(standIn().http);
    const put = () => petstore.PUT("/pet", { body: { name: "n", photoUrls: [] } });
    expectTypeOf<Extract<Result<typeof put>, { ok: true }>["data"]>().toEqualTypeOf<unknown>();
    const get = () => petstore.GET("/pet/{petId}", { params: { path: { petId: 1 } } });
    expectTypeOf<Extract<Result<typeof get>, { ok: true }>["data"]>().toEqualTypeOf<Pet>();
  });
});

test("the types of openapi-typescript do as well", () => {
  interface TheirPaths {
    "/pets/{id}": {
      parameters: { query?: never; header?: never; path?: never; cookie?: never };
      get: {
        parameters: {
          query?: { full?: boolean };
          header?: never;
          path: { id: number };
          cookie?: never;
        };
        requestBody?: never;
        responses: {
          200: {
            headers: { [name: string]: unknown };
            content: { "application/json": { name: string } };
          };
          404: { headers: { [name: string]: unknown }; content?: never };
        };
      };
      put?: never;
      post?: never;
    };
  }
  const theirs = createApiClient<TheirPaths>(standIn().http);
  const get = () =>
    theirs.GET("/pets/{id}", { params: { path: { id: 1 }, query: { full: true } } });

  expectTypeOf<Extract<Awaited<ReturnType<typeof get>>, { ok: true }>["data"]>().toEqualTypeOf<{
    name: string;
  }>();
  // @ts-expect-error the path has no PUT
  neverRun(() => theirs.PUT("/pets/{id}"));
  // @ts-expect-error the path parameter is missing
  neverRun(() => theirs.GET("/pets/{id}"));
});

test("an HTTP client is what a client sends with", () => {
  expectTypeOf<HTTPClient>().toExtend<Parameters<typeof createClient>[0]>();
  expect(HTTPClient.prototype).toHaveProperty("stream");
});
