import type { ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { FakeClock, settle } from "@net/core/testing";
import { HTTPClient, HttpStatusError } from "@net/http";
import { expect, test } from "vitest";
import { serve } from "../local-server.ts";

test("a stream gives the head first, and then the body as it comes", async () => {
  let more: (() => void) | undefined;
  await using server = await serve((_, response) => {
    response.writeHead(200, { "x-a": "1" });
    response.write("first");
    more = () => response.end("second");
  });
  await using http = new HTTPClient();

  await using answer = await http.stream(server.url);
  expect(answer).toMatchObject({
    status: 200,
    statusCode: 200,
    ok: true,
    url: `${server.url}/`,
    method: "GET",
  });
  expect(answer.headers["x-a"]).toBe("1");
  const seen: string[] = [];
  for await (const chunk of answer) {
    seen.push(Buffer.from(chunk).toString());
    more?.();
  }

  expect(seen).toEqual(["first", "second"]);
});

test("its body can be had as text, JSON, lines, and streams of Node and the web", async () => {
  await using server = await serve((_, response) => response.end('{"a":"é"}\r\n{"b":2}\n3'));
  await using http = new HTTPClient();
  const open = () => http.stream(server.url);

  expect(await (await open()).text()).toContain("é");
  const lines: string[] = [];
  for await (const line of (await open()).lines()) lines.push(line);
  expect(lines).toEqual(['{"a":"é"}', '{"b":2}', "3"]);
  expect((await buffer((await open()).toReadable())).toString()).toContain("é");
  expect(await new Response((await open()).toWebStream()).text()).toContain("é");
  await expect((await open()).json()).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
});

/** Waits until a number has not grown for a while. */
async function stopped(count: () => number): Promise<void> {
  for (let before = -1, still = 0; still < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    still = count() === before ? still + 1 : 0;
    before = count();
  }
}

test("a reader that is slow stops the sender", async () => {
  let sent = 0;
  await using server = await serve((_, response) => {
    const write = (): void => {
      while (sent < 200_000_000) {
        sent += 65_536;
        if (!response.write(Buffer.alloc(65_536))) break;
      }
    };
    response.on("drain", write);
    write();
  });
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });

  await using answer = await http.stream(server.url);
  await answer[Symbol.asyncIterator]().next();
  await stopped(() => sent);
  expect(sent).toBeLessThan(50_000_000);

  // Nobody reads: that is not the server's silence.
  await clock.advance(3_600_000);
  expect((await answer[Symbol.asyncIterator]().next()).done).toBe(false);
});

test.each<[string, (http: HTTPClient, url: string) => Promise<unknown>]>([
  [
    "leaving the loop",
    async (http, url) => {
      for await (const _ of await http.stream(url)) break;
    },
  ],
  [
    "close, twice",
    async (http, url) => {
      const answer = await http.stream(url);
      await answer.close();
      await answer.close();
    },
  ],
  [
    "cancelling the web stream",
    async (http, url) => (await http.stream(url)).toWebStream().cancel(),
  ],
  [
    "destroying Node's stream",
    async (http, url) => void (await http.stream(url)).toReadable().destroy(),
  ],
])("%s in the middle ends the connection, and leaves nothing behind", async (_name, leave) => {
  await using server = await serve((_, response) => response.write("a"));
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });
  const { signal } = new AbortController();

  await leave(http, server.url);

  await server.idle();
  expect(clock.pending).toBe(0);
  expect(signal.aborted).toBe(false);
});

test("a connection whose answer was read to its end is used again", async () => {
  await using server = await serve((_, response) => response.end("x"));
  await using http = new HTTPClient();

  await (await http.stream(server.url)).text();
  await settle();
  await (await http.stream(server.url)).text();

  expect(server.open).toBe(1);
});

test("closing the client, and the caller's signal, end a stream with their errors", async () => {
  await using server = await serve((_, response) => response.write("a"));
  const http = new HTTPClient();
  const controller = new AbortController();
  const first = await http.stream(server.url, { signal: controller.signal });
  const second = await http.stream(server.url);
  const outcomes = [first, second].map((answer) => answer.text().catch(({ code }) => code));

  controller.abort();
  await settle();
  await http.close();

  expect(await Promise.all(outcomes)).toEqual(["ABORTED", "CLOSED"]);
  await server.idle();
});

test("with throwOnError an answer outside 2xx is an error that shows its beginning", async () => {
  await using server = await serve((_, response) => {
    response.writeHead(404, { "x-a": "1" }).write("n".repeat(100_000));
  });
  await using http = new HTTPClient({ throwOnError: true });

  const error = await http.stream(server.url).catch((cause: unknown) => cause);

  expect(error).toMatchObject({ code: "HTTP_STATUS", attempts: 1 });
  expect((error as HttpStatusError).body).toHaveLength(64 * 1024);
  expect(HttpStatusError.is(error) && error.headers["x-a"]).toBe("1");
  await server.idle();
});

test("collecting a stream stops at the client's maxBodyBytes", async () => {
  await using server = await serve((_, response) => response.write("x".repeat(2_000)));
  await using http = new HTTPClient({ maxBodyBytes: 1_000 });

  await expect((await http.stream(server.url)).bytes()).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
  await server.idle();
});

test("a stream has method, body and query like any call", async () => {
  await using server = await serve((request, response) => {
    response.write(`${request.method} ${request.url} `);
    request.pipe(response);
  });
  await using http = new HTTPClient({ baseUrl: server.url });

  const answer = await http.stream("/x", { method: "POST", json: { a: 1 }, query: { q: 1 } });

  expect(await answer.text()).toBe('POST /x?q=1 {"a":1}');
});

test("lines in whatever pieces they come are whole, and none is endless", async () => {
  const pieces = ["on", "e\r", "\ntwo\nthr", "e", "e\n\n", "é"];
  const write = async (response: ServerResponse): Promise<void> => {
    for (const piece of pieces) {
      response.write(piece);
      await settle();
    }
    response.end();
  };
  await using server = await serve(
    (_, response) => void write(response),
    (_, response) => response.end("x".repeat(2_000)),
  );
  await using http = new HTTPClient({ maxBodyBytes: 1_000 });

  expect(await Array.fromAsync((await http.stream(server.url)).lines())).toEqual([
    "one",
    "two",
    "three",
    "",
    "é",
  ]);
  await expect(Array.fromAsync((await http.stream(server.url)).lines())).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
});

test("a redirect that is refused leaves no connection behind", async () => {
  await using server = await serve((_, response) => {
    response.writeHead(302, { location: "ftp://elsewhere/" }).write("and so on");
  });
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock });

  await expect(http.stream(server.url)).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });

  await server.idle();
  expect(clock.pending).toBe(0);
});

test("a call's own maxBodyBytes counts also where its stream is collected", async () => {
  await using server = await serve((_, response) => response.end("0123456789"));
  await using http = new HTTPClient({ maxBodyBytes: 4 });

  await expect((await http.stream(server.url)).bytes()).rejects.toMatchObject({
    code: "FRAME_TOO_LARGE",
  });
  expect(await (await http.stream(server.url, { maxBodyBytes: 10 })).text()).toBe("0123456789");
});
