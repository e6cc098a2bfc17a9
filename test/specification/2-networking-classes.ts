import { NetworkError, NetworkingError } from "@net/core";
import {
  type Response as Answer,
  createHttpClient,
  getHttpClient,
  type HTTPClient,
} from "@net/http";
import { WebSocketClient } from "@net/ws";
import { expect } from "vitest";
import { type Asked, shownBy, withEcho, withHttp } from "./proofs.ts";
import { type Document, done, type Proof } from "./row.ts";

/** One call to a mirror: what came back, and what it was asked. */
const call =
  (
    send: (http: HTTPClient) => Promise<Answer>,
    check: (answer: Answer, asked: Asked) => void,
  ): Proof =>
  () =>
    withHttp(async (url) => {
      await using http = createHttpClient({ baseUrl: url, headers: { "x-from": "client" } });
      const answer = await send(http);
      check(answer, answer.json() as Asked);
    });

const method = (name: string, send: (http: HTTPClient) => Promise<Answer>): Proof =>
  call(send, (_, asked) => expect(asked.method).toBe(name));

const get = (check: (answer: Answer) => void): Proof => call((http) => http.get("/"), check);

/** A connected client that has heard its own message. */
const echoed =
  (check: (client: WebSocketClient) => void | Promise<void>): Proof =>
  () =>
    withEcho(async (url) => {
      await using client = new WebSocketClient(url);
      await client.connect();
      await client.send(Buffer.from("ping"));
      expect(Buffer.from((await client.receive()) as Uint8Array).toString()).toBe("ping");
      await check(client);
    });

/** The networking module, class by class. */
export const networkingClasses: Document = {
  title: "networking classes",
  rows: [
    done(
      "HTTPClient({ timeout })",
      "30,000 ms unless said",
      "@net/http HTTPClient",
      shownBy(
        "packages/http/test/hard-days.test.ts",
        "a body that trickles in ends at the deadline, not before, and its connection with it",
      ),
    ),
    done(
      "HTTPClient({ maxRetries })",
      "3 unless said",
      "@net/http HTTPClient",
      shownBy(
        "packages/http/test/retry.test.ts",
        "the last answer is returned when maxRetries are used up, or thrown where asked",
        "three retries are the default",
      ),
    ),
    done(
      "HTTPClient({ retryBackoff })",
      "1000 ms unless said, then doubling",
      "@net/http HTTPClient",
      shownBy("packages/http/test/retry.test.ts", "the waits double from retryBackoff on"),
    ),
    done(
      "HTTPClient({ headers })",
      "sent with every request",
      "@net/http HTTPClient",
      call(
        (http) => http.get("/"),
        (_, asked) => expect(asked.headers["x-from"]).toBe("client"),
      ),
    ),
    done(
      "get(url, options)",
      "GET",
      "@net/http HTTPClient#get",
      method("GET", (http) => http.get("/")),
    ),
    done(
      "post(url, data, options)",
      "POST",
      "@net/http HTTPClient#post",
      method("POST", (http) => http.post("/", "x")),
    ),
    done(
      "put(url, data, options)",
      "PUT",
      "@net/http HTTPClient#put",
      method("PUT", (http) => http.put("/", "x")),
    ),
    done(
      "delete(url, options)",
      "DELETE",
      "@net/http HTTPClient#delete",
      method("DELETE", (http) => http.delete("/")),
    ),
    done(
      "request(method, url, options)",
      "any method",
      "@net/http HTTPClient#request",
      method("PATCH", (http) => http.request("PATCH", "/")),
    ),
    done(
      "Response.statusCode",
      "the status",
      "@net/http Response#statusCode",
      get(({ statusCode }) => expect(statusCode).toBe(200)),
    ),
    done(
      "Response.headers",
      "the headers",
      "@net/http Response",
      get(({ headers }) => expect(headers["content-type"]).toBe("application/json")),
    ),
    done(
      "Response.content",
      "the body as bytes",
      "@net/http Response",
      get(({ content }) => expect(content).toBeInstanceOf(Uint8Array)),
    ),
    done(
      "Response.text",
      "the body as text",
      "@net/http Response#text",
      get(({ text }) => expect(text).toContain('"GET"')),
    ),
    done(
      "Response.jsonData",
      "the body's value, if it has one",
      "@net/http Response#jsonData",
      get(({ jsonData }) => expect(jsonData).toMatchObject({ method: "GET" })),
    ),
    done(
      "Response.json()",
      "the body's value",
      "@net/http Response#json",
      get((answer) => expect(answer.json()).toEqual(answer.jsonData)),
    ),

    done(
      "WebSocketClient(url)",
      "a WebSocket connection",
      "@net/ws WebSocketClient",
      echoed((client) => expect(client.state).toBe("open")),
    ),
    done("WebSocketClient.connect()", "opens it", "@net/ws WebSocketClient#connect", () =>
      withEcho(async (url) => {
        await using client = new WebSocketClient(url);
        expect(client.state).toBe("idle");
        await client.connect();
        expect(client.state).toBe("open");
      }),
    ),
    done(
      "WebSocketClient.send(message)",
      "sends text or bytes",
      "@net/ws WebSocketClient#send",
      shownBy(
        "packages/ws/test/client/client.test.ts",
        "text arrives as text, bytes as bytes, both ways",
      ),
    ),
    done(
      "WebSocketClient.receive()",
      "the next message; undefined once closed",
      "@net/ws WebSocketClient#receive",
      echoed(async (client) => {
        await client.close();
        expect(await client.receive()).toBeUndefined();
      }),
    ),
    done(
      "WebSocketClient.close()",
      "ends it",
      "@net/ws WebSocketClient#close",
      echoed(async (client) => {
        await client.close();
        expect(client.state).toBe("closed");
      }),
    ),

    done("getHttpClient()", "one client for everybody", "@net/http getHttpClient", () =>
      expect(getHttpClient()).toBe(getHttpClient()),
    ),
    done(
      "NetworkingError",
      "what is thrown when networking fails",
      "@net/core NetworkingError",
      () => expect(NetworkingError).toBe(NetworkError),
    ),
    done(
      "API client generation",
      "typed clients from OpenAPI",
      "@net/http createApiClient",
      shownBy(
        "packages/http/test/api/round-trip.test.ts",
        "finds pets: lists in a query, answers in JSON",
        "answers at once, or word by word",
      ),
    ),
    done(
      "authentication",
      "bearer, basic, API key, OAuth2",
      "@net/http bearer",
      shownBy(
        "packages/http/test/auth/auth.test.ts",
        "a refused token is refreshed once for all calls, and each is sent once more, body and all",
        "credentials go to the base's origin alone, also after a redirect and where the base may be left",
      ),
    ),
  ],
};
