import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { type LocalServer, serve } from "../local-server.ts";

function coded(coding: string, body: Uint8Array): Promise<LocalServer> {
  return serve((_, response) => response.writeHead(200, { "content-encoding": coding }).end(body));
}

const text = "plain ".repeat(1_000);

test.each([
  ["gzip", gzipSync(text)],
  ["X-GZIP", gzipSync(text)],
  ["deflate", deflateSync(text)],
  ["br", brotliCompressSync(text)],
  ["zstd", zstdCompressSync(text)],
  ["gzip, identity, br", brotliCompressSync(gzipSync(text))],
  ["unheard-of", Buffer.from(text)],
])("%s is undone, whole and as a stream", async (coding, body) => {
  await using server = await coded(coding, body);
  await using http = new HTTPClient();

  expect((await http.get(server.url)).text).toBe(text);
  expect(await (await http.stream(server.url)).text()).toBe(text);
});

test("compression is asked for, unless it is not wanted", async () => {
  const asked: unknown[] = [];
  await using server = await serve((request, response) => {
    asked.push(request.headers["accept-encoding"]);
    response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync("x"));
  });
  await using http = new HTTPClient();

  expect((await http.get(server.url)).text).toBe("x");
  expect((await http.get(server.url, { decompress: false })).content).toEqual(
    new Uint8Array(gzipSync("x")),
  );
  expect(asked).toEqual(["zstd, br, gzip", undefined]);
});

test.each([
  ["gzip", gzipSync(Buffer.alloc(4_000_000))],
  ["br", brotliCompressSync(Buffer.alloc(4_000_000))],
  ["zstd", zstdCompressSync(Buffer.alloc(4_000_000))],
  ["gzip, gzip", gzipSync(gzipSync(Buffer.alloc(4_000_000)))],
])("a bomb of %s is refused before it goes off", async (coding, body) => {
  expect(body.length).toBeLessThan(100_000);
  await using server = await coded(coding, body);
  await using http = new HTTPClient({ maxBodyBytes: 1_000_000 });
  const tooLarge = { code: "FRAME_TOO_LARGE", retryable: false };

  await expect(http.get(server.url)).rejects.toMatchObject(tooLarge);
  await using unlimited = new HTTPClient();
  const stream = await unlimited.stream(server.url, { maxBodyBytes: 1_000_000 });
  await expect(stream.bytes()).rejects.toMatchObject(tooLarge);
});

test.each([
  ["cut off", gzipSync(text).subarray(0, 40), "gzip"],
  ["not what it says", Buffer.from("hello"), "gzip"],
  ["compressed too often", Buffer.from("hello"), "gzip, gzip, gzip, gzip"],
])("a compressed body that is %s is a ProtocolError", async (_name, body, coding) => {
  await using server = await coded(coding, body);
  await using http = new HTTPClient();

  await expect(http.get(server.url)).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await expect(http.stream(server.url).then((answer) => answer.bytes())).rejects.toMatchObject({
    code: "PROTOCOL_ERROR",
  });
});

test("an answer without a body is not undone", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(204, { "content-encoding": "gzip" }).end(),
  );
  await using http = new HTTPClient();

  expect(await http.head(server.url)).toMatchObject({ status: 204, text: "" });
  expect(await (await http.stream(server.url)).text()).toBe("");
});

test("leaving a compressed stream in the middle ends its connection", async () => {
  await using server = await serve((_, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).write(gzipSync(text));
  });
  await using http = new HTTPClient();

  for await (const chunk of await http.stream(server.url)) {
    expect(chunk.length).toBeGreaterThan(0);
    break;
  }

  await server.idle();
});
