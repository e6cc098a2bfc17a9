import { HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { serve } from "./local-server.ts";

test("a cached answer is given again as long as it is fresh, and checked when it is not", async () => {
  await using server = await serve((request, response) => {
    if (request.headers["if-none-match"] === '"v1"') response.writeHead(304).end();
    else if (request.url === "/fresh")
      response.writeHead(200, { "cache-control": "max-age=600" }).end("x");
    else response.writeHead(200, { etag: '"v1"', "cache-control": "no-cache" }).end("checked");
  });
  await using http = new HTTPClient({ baseUrl: server.url, cache: true });

  expect((await http.get("/fresh")).text).toBe("x");
  expect((await http.get("/fresh")).text).toBe("x");
  expect(server.seen).toBe(1);
  expect((await http.get("/checked")).text).toBe("checked");
  expect(await http.get("/checked")).toMatchObject({ status: 200, text: "checked" });
  expect(server.seen).toBe(3);
});

test("equal GETs at the same moment are one request where asked", async () => {
  await using server = await serve((_, response) => setImmediate(() => response.end("one")));
  await using http = new HTTPClient({ deduplicate: true });

  const answers = await Promise.all([
    http.get(server.url),
    http.get(server.url),
    http.get(server.url),
  ]);

  expect(answers.map(({ text }) => text)).toEqual(["one", "one", "one"]);
  expect(server.seen).toBe(1);
});

test("addresses of names are remembered for as long as asked", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(200, { connection: "close" }).end(),
  );
  let asked = 0;
  await using http = new HTTPClient({
    dnsTtl: 60_000,
    lookup: (_hostname, _options, callback) => {
      asked++;
      queueMicrotask(() => callback(null, [{ address: "127.0.0.1", family: 4 }] as never));
    },
  });
  const url = server.url.replace("127.0.0.1", "name.example");

  for (let i = 0; i < 3; i++) expect(await http.get(url)).toMatchObject({ status: 200 });

  expect(asked).toBe(1);
});

test("no more connections than maxConnections are opened", async () => {
  await using server = await serve((_, response) => setImmediate(() => response.end()));
  await using http = new HTTPClient({ maxConnections: 2 });

  await Promise.all(Array.from({ length: 20 }, () => http.get(server.url)));

  expect(server.open).toBe(2);
});
