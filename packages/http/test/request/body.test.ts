import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { FakeClock } from "@net/core/testing";
import { HTTPClient, type Progress, type RequestData } from "@net/http";
import { expect, test } from "vitest";
import { type LocalServer, serve, serveRaw } from "../local-server.ts";

/** Tells back the type, the length and the body. */
function mirror(): Promise<LocalServer> {
  return serve((request, response) => {
    void buffer(request).then((body) => {
      const {
        "content-type": type,
        "content-length": length,
        "transfer-encoding": coding,
      } = request.headers;
      response.end(JSON.stringify({ type, length, coding, body: body.toString("latin1") }));
    });
  });
}

interface Mirrored {
  readonly type?: string;
  readonly length?: string;
  readonly coding?: string;
  readonly body: string;
}

async function sent(data: RequestData): Promise<Mirrored> {
  await using server = await mirror();
  await using http = new HTTPClient();
  return (await http.post(server.url, data)).json() as Mirrored;
}

test.each<[string, RequestData, Mirrored]>([
  [
    "fields",
    { form: { a: "1 2", b: 3, c: true } },
    {
      type: "application/x-www-form-urlencoded;charset=UTF-8",
      length: "14",
      body: "a=1+2&b=3&c=true".slice(0, 16),
    },
  ],
  ["bytes in a buffer", new Uint8Array([65, 66]).buffer, { length: "2", body: "AB" }],
  [
    "a blob",
    new Blob(["hé"], { type: "text/x" }),
    { type: "text/x", length: "3", body: "h\u00c3\u00a9" },
  ],
  [
    "a raw body by name",
    { body: "raw" },
    { type: "text/plain;charset=UTF-8", length: "3", body: "raw" },
  ],
])("%s are sent as they should be", async (_name, data, expected) => {
  const { length, ...rest } = expected;
  const came = await sent(data);

  expect(came).toMatchObject(rest);
  expect(came.length).toBe(String(came.body.length));
  expect(length).toBeDefined();
});

test("a form with files is multipart, of known length, with names that cannot break out", async () => {
  const form = new FormData();
  form.append("text", "one\ntwo");
  form.append('na"me\r\n', "x");
  form.append("file", new File(["\x00\x01"], 'a"b.bin', { type: "image/x" }));

  const { type = "", length, body } = await sent(form);

  const boundary = type.replace("multipart/form-data; boundary=", "");
  expect(length).toBe(String(body.length));
  expect(body.split(`--${boundary}`)).toEqual([
    "",
    '\r\ncontent-disposition: form-data; name="text"\r\n\r\none\r\ntwo\r\n',
    '\r\ncontent-disposition: form-data; name="na%22me%0D%0A"\r\n\r\nx\r\n',
    '\r\ncontent-disposition: form-data; name="file"; filename="a%22b.bin"\r\ncontent-type: image/x\r\n\r\n\x00\x01\r\n',
    "--\r\n",
  ]);
  const parsed = await new Response(Buffer.from(body, "latin1"), {
    headers: { "content-type": type },
  }).formData();
  expect(parsed.get("text")).toBe("one\r\ntwo");
  expect((await sent({ multipart: { a: "1", b: new Blob(["2"]) } })).body).toContain(
    'filename="blob"',
  );
});

test.each<[string, () => RequestData]>([
  ["an async iterable", () => pieces(["he", "llo"])],
  ["a function", () => () => pieces(["he", "llo"])],
  ["a web stream", () => new Blob(["hello"]).stream()],
])("%s is streamed", async (_name, make) => {
  expect(await sent(make())).toEqual({ coding: "chunked", body: "hello" });
});

async function* pieces(texts: readonly string[]): AsyncGenerator<string> {
  yield* texts;
}

test("a large body is read no faster than the server takes it", async () => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Uint8Array> {
    for (;;) {
      taken += 65_536;
      yield new Uint8Array(65_536);
    }
  }
  await using server = await serveRaw((socket) => socket.pause());
  const controller = new AbortController();
  await using http = new HTTPClient();

  const outcome = http
    .post(server.url, endless(), { signal: controller.signal })
    .catch(({ code }) => code);
  await server.until(1);
  let before = -1;
  while (before !== taken) {
    before = taken;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  controller.abort();

  expect(await outcome).toBe("ABORTED");
  expect(taken).toBeLessThan(64 * 1024 * 1024);
});

test("a body that fails is told as it is, and ends the connection", async () => {
  await using server = await serve((request) => void buffer(request).catch(() => {}));
  await using http = new HTTPClient();
  async function* failing(): AsyncGenerator<string> {
    yield "a";
    throw new Error("the disk is gone");
  }

  const error = await http.put(server.url, failing).catch((cause: unknown) => cause);

  expect(error).toMatchObject({
    code: "ABORTED",
    cause: { message: "the disk is gone" },
    attempts: 1,
  });
  await server.idle();
});

test("progress is told both ways", async () => {
  await using server = await serve((request, response) => {
    void buffer(request).then(() => response.writeHead(200, { "content-length": 5 }).end("hello"));
  });
  await using http = new HTTPClient();
  const up: Progress[] = [];
  const down: Progress[] = [];

  await http.post(server.url, new Blob(["x".repeat(100_000)]), {
    onUploadProgress: (progress) => up.push(progress),
    onDownloadProgress: (progress) => down.push(progress),
  });

  expect(up.at(-1)).toEqual({ bytes: 100_000, totalBytes: 100_000 });
  expect(down).toEqual([{ bytes: 5, totalBytes: 5 }]);
});

test("bytes survive both ways", async () => {
  const bytes = randomBytes(1_000_000);
  await using server = await serve((request, response) => void request.pipe(response));
  await using http = new HTTPClient({ clock: new FakeClock() });

  const { content } = await http.put(server.url, () => cut(bytes));

  expect(createHash("sha256").update(content).digest("hex")).toBe(
    createHash("sha256").update(bytes).digest("hex"),
  );
});

async function* cut(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 70_001) yield bytes.subarray(at, at + 70_001);
}

test("what cannot be opened leaves no timer behind", async () => {
  await using server = await mirror();
  const clock = new FakeClock();
  await using http = new HTTPClient({ clock, timeout: { attempt: 5_000, firstByte: 1_000 } });

  await expect(http.post(server.url, (() => 7) as never)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
  await expect(
    http.post(server.url, () => {
      throw new TypeError("my mistake");
    }),
  ).rejects.toMatchObject({ code: "INTERNAL", cause: { message: "my mistake" } });

  expect(clock.pending).toBe(0);
});

test.each<[string, () => unknown]>([
  ["two bodies", () => ({ json: 1, form: { a: "1" } })],
  ["a class of one's own", () => new (class Point {})()],
  ["a number", () => 7],
  ["a function that gives no stream", () => () => 7],
])("%s cannot be sent", async (_name, make) => {
  await using server = await mirror();
  await using http = new HTTPClient();

  await expect(http.post(server.url, make() as RequestData)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("an answer that comes before its request has gone ends the reading of it", async () => {
  const ended = Promise.withResolvers<void>();
  async function* endless(): AsyncGenerator<string> {
    try {
      for (;;) {
        yield "x".repeat(1_000);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      ended.resolve();
    }
  }
  await using server = await serve((_, response) => response.writeHead(413).end("too much"));
  await using http = new HTTPClient();

  expect(await http.post(server.url, endless())).toMatchObject({ status: 413, text: "too much" });
  await ended.promise;
  await server.idle();
});

test("a stream of Node that was never read is closed with its call", async () => {
  await using server = await serve(() => {});
  await using http = new HTTPClient({ maxConnections: 1 });
  const controller = new AbortController();
  const first = http.get(server.url, { signal: controller.signal }).catch(({ code }) => code);
  await server.until(1);
  const file = new Readable({ read: () => {} });
  const closed = once(file, "close");
  const queued = http
    .put(server.url, file, { signal: controller.signal })
    .catch(({ code }) => code);

  controller.abort();

  expect([await first, await queued]).toEqual(["ABORTED", "ABORTED"]);
  await closed;
});
