import { HTTPClient, type PaginateOptions } from "@net/http";
import { expect, test } from "vitest";
import { nextLink } from "../../src/stream/paginate.ts";
import { type LocalServer, serve } from "../local-server.ts";

function pages(count: number): Promise<LocalServer> {
  return serve((request, response) => {
    const url = new URL(request.url ?? "", "http://a");
    const page = Number(url.searchParams.get("page") ?? 1);
    const next = page < count ? { link: `</items?page=${page + 1}>; rel="next"` } : {};
    response
      .writeHead(200, next)
      .end(JSON.stringify({ page, size: url.searchParams.get("size"), after: page + 1 }));
  });
}

async function read(server: LocalServer, options?: PaginateOptions): Promise<unknown[]> {
  await using http = new HTTPClient({ baseUrl: server.url });
  const seen: unknown[] = [];
  for await (const page of http.paginate("/items", options)) seen.push(page.json());
  return seen;
}

test("pages follow the Link header to its end; the query is the first page's", async () => {
  await using server = await pages(3);

  expect(await read(server, { query: { size: 2 } })).toMatchObject([
    { page: 1, size: "2" },
    { page: 2, size: null },
    { page: 3 },
  ]);
});

test("or whatever the caller says, and no more pages than that", async () => {
  await using server = await pages(0);
  const next: PaginateOptions["next"] = (page) =>
    `?page=${(page.json() as { after: number }).after}`;

  expect(await read(server, { next, maxPages: 4 })).toHaveLength(4);
});

test("a list that leads back to a page is an error, and so is a page outside 2xx or the base", async () => {
  await using circle = await serve((_, response) =>
    response.writeHead(200, { link: "<?page=1>; rel=next" }).end("1"),
  );
  await using broken = await serve((_, response) => response.writeHead(404).end());
  await using leaving = await serve((_, response) =>
    response.writeHead(200, { link: "<http://127.0.0.1:1/>; rel=next" }).end("1"),
  );

  await expect(read(circle)).rejects.toThrow("one that was there already");
  await expect(read(broken)).rejects.toMatchObject({ code: "HTTP_STATUS", status: 404 });
  await expect(read(leaving)).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
});

test("what headers and credentials are for is not left, unless the call says so", async () => {
  await using other = await serve((_, response) => response.end("2"));
  await using server = await serve((_, response) =>
    response.writeHead(200, { link: `<${other.url}/>; rel=next` }).end("1"),
  );
  await using http = new HTTPClient({ headers: { authorization: "Bearer secret" } });
  const all = async (options?: PaginateOptions): Promise<number> =>
    (await Array.fromAsync(http.paginate(server.url, options))).length;

  await expect(all()).rejects.toThrow("lies at another origin");
  expect(other.seen).toBe(0);
  expect(await all({ allowAbsoluteUrls: true })).toBe(2);
});

test("a next page that is no URL is a ProtocolError, and so many pages as none is refused", async () => {
  await using server = await serve((_, response) =>
    response.writeHead(200, { link: "<http://[>; rel=next" }).end("1"),
  );

  await expect(read(server)).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await expect(read(server, { maxPages: Number.NaN })).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
  });
});

test("leaving the loop asks for no more pages", async () => {
  await using server = await pages(9);
  await using http = new HTTPClient({ baseUrl: server.url });

  for await (const page of http.paginate("/items")) if (page.url.endsWith("page=2")) break;

  expect(server.seen).toBe(2);
});

test.each([
  ['<https://a/x?p=2>; rel="next"', "https://a/x?p=2"],
  ['<a>; rel=prev, <b>; title="x, y"; rel="last next"', "b"],
  ["<a>; REL=NEXT", "a"],
  ['<a>; rel="prev"', undefined],
  ["", undefined],
  ["nonsense", undefined],
])("the next of %j is %j", (link, expected) => {
  expect(nextLink({ headers: { link } })).toBe(expected);
});
