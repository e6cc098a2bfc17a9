import type { LookupFunction } from "node:net";
import { BlockedAddressError, HTTPClient, type HTTPClientOptions } from "@net/http";
import { expect, test } from "vitest";
import { Guard } from "../../src/guard/guard.ts";
import { serve } from "../local-server.ts";

/** Resolves each name to what stands here, and counts. */
function resolver(names: Record<string, string[][]>): { lookup: LookupFunction; asked: string[] } {
  const asked: string[] = [];
  const lookup: LookupFunction = (hostname, _options, callback) => {
    asked.push(hostname);
    const answers = names[hostname] ?? [];
    const addresses = (answers.length > 1 ? answers.shift() : answers[0]) ?? [];
    const found = addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    queueMicrotask(() => callback(null, found as never));
  };
  return { lookup, asked };
}

async function outcome(url: string, options: HTTPClientOptions): Promise<unknown> {
  await using http = new HTTPClient({ maxRetries: 0, ...options });
  return await http.get(url).then(
    ({ status }) => status,
    (error: unknown) => error,
  );
}

const blocked = expect.objectContaining({
  code: "ADDRESS_BLOCKED",
  details: expect.objectContaining({ sent: false }),
});

test.each([
  "127.0.0.1",
  "127.1",
  "2130706433",
  "0x7f.1",
  "0177.0.0.1",
  "0",
  "127.0.0.1.",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "100.64.0.1",
  "169.254.169.254",
  "168.63.129.16",
  "192.0.2.1",
  "198.18.0.1",
  "224.0.0.1",
  "255.255.255.255",
  "100.100.100.200",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::ffff:a9fe:a9fe]",
  "[::127.0.0.1]",
  "[64:ff9b::7f00:1]",
  "[64:ff9b:1::1]",
  "[fe80::1]",
  "[fc00::1]",
  "[fd00:ec2::254]",
  "[ff02::1]",
  "[2002:7f00:1::]",
  "[2001::1]",
  "[2001:db8::1]",
  "[100::1]",
  "0x7f000001",
  "017700000001",
  "[fec0::1]",
  "[ff05::2]",
  "0.0.0.0",
  "100.127.255.255",
  "198.19.255.255",
  "１２７.０.０.１",
  "①②⑦.0.0.1",
  "127。0。0。1",
  "127%2e0%2e0%2e1",
  "%6cocalhost",
  "[0:0:0:0:0:ffff:127.0.0.1]",
  "[::ffff:0:127.0.0.1]",
])("the public network does not hold %s", async (host) => {
  const url = `http://${host}:1/`;

  expect(await outcome(url, { network: "public" })).toEqual(blocked);
});

test.each([
  ["localhost", "127.0.0.1"],
  ["metadata.google.internal", "169.254.169.254"],
  ["rebind.example", "::ffff:10.0.0.1"],
  ["nat64.example", "64:ff9b::a00:1"],
  ["zone.example", "fe80::1%eth0"],
])("nor a name that lies at such an address: %s", async (name, address) => {
  const { lookup } = resolver({ [name]: [[address]] });

  expect(await outcome(`http://${name}:1/`, { network: "public", lookup })).toEqual(blocked);
  expect(
    await outcome(`http://${name}.:1/`, {
      network: "public",
      lookup: resolver({ [`${name}.`]: [[address]] }).lookup,
    }),
  ).toEqual(blocked);
});

test("only addresses that were checked are connected to, whatever the name says a moment later", async () => {
  await using server = await serve((_, response) => response.end());
  const port = new URL(server.url).port;
  const { lookup, asked } = resolver({ "rebind.example": [["127.0.0.1"], ["10.0.0.1"]] });
  const network = { allow: ["127.0.0.1"] };

  expect(await outcome(`http://rebind.example:${port}/`, { network, lookup })).toBe(200);
  expect(asked).toEqual(["rebind.example"]);
});

test("of several addresses only the allowed are connected to", async () => {
  await using server = await serve((_, response) => response.end());
  const port = new URL(server.url).port;
  const { lookup } = resolver({ "two.example": [["10.255.255.1", "127.0.0.1"]] });

  expect(
    await outcome(`http://two.example:${port}/`, { network: { allow: ["127.0.0.0/8"] }, lookup }),
  ).toBe(200);
});

test("every hop is checked", async () => {
  await using inner = await serve((_, response) => response.end("secret"));
  const { lookup } = resolver({
    "outer.example": [["127.0.0.1"]],
    "inner.example": [["127.0.0.1"]],
  });
  await using outer = await serve(
    (_, response) => response.writeHead(302, { location: inner.url }).end(),
    (_, response) =>
      response.writeHead(302, { location: inner.url.replace("127.0.0.1", "inner.example") }).end(),
  );
  const url = outer.url.replace("127.0.0.1", "outer.example");
  const network = { allow: ["outer.example"] };

  expect(await outcome(url, { network, lookup })).toEqual(blocked);
  expect(await outcome(url, { network, lookup })).toEqual(blocked);
  expect(inner.seen).toBe(0);
});

test("what is allowed by name lies anywhere; what is denied nowhere", async () => {
  await using server = await serve((_, response) => response.end());
  const port = new URL(server.url).port;
  const names = { "api.internal.example": [["127.0.0.1"]], "internal.example": [["127.0.0.1"]] };
  const ask = async (name: string, network: HTTPClientOptions["network"]): Promise<unknown> =>
    await outcome(`http://${name}:${port}/`, { network, lookup: resolver(names).lookup });

  expect(await ask("api.internal.example", { allow: ["api.internal.example"] })).toBe(200);
  expect(await ask("API.internal.example", { allow: ["*.Internal.example"] })).toBe(200);
  expect(await ask("internal.example", { allow: ["*.internal.example"] })).toEqual(blocked);
  expect(
    await ask("api.internal.example", { allow: ["*.example"], deny: ["127.0.0.0/8"] }),
  ).toEqual(blocked);
  expect(
    await ask("api.internal.example", { allow: ["*.example"], deny: ["*.internal.example"] }),
  ).toEqual(blocked);
  expect(await ask("127.0.0.1", { allow: ["public", "127.0.0.1/32"] })).toBe(200);
  expect(await ask("127.0.0.1", { deny: ["10.0.0.0/8"] })).toEqual(blocked);
  expect(await ask("127.0.0.1", "any")).toBe(200);
});

test("a trusted name may lie anywhere also where addresses are remembered", async () => {
  await using server = await serve((_, response) => response.end());
  const port = new URL(server.url).port;
  const { lookup, asked } = resolver({ "api.example": [["127.0.0.1"]] });
  await using http = new HTTPClient({
    network: { allow: ["api.example"] },
    lookup,
    dnsTtl: 60_000,
  });

  for (let i = 0; i < 2; i++) {
    expect(await http.get(`http://api.example:${port}/`)).toMatchObject({ status: 200 });
  }
  await expect(http.get(server.url)).rejects.toEqual(blocked);
  expect(asked).toEqual(["api.example"]);
});

test("an error says which address, and is one of ours", async () => {
  const { lookup } = resolver({ "bad.example": [["10.0.0.1"]] });

  const error = await outcome("http://bad.example/", { network: "public", lookup });

  expect(BlockedAddressError.is(error)).toBe(true);
  expect(String(error)).toContain("requests to bad.example are blocked: it resolves to 10.0.0.1");
});

test.each([["bad entry!"], ["10.0.0.0/33"], ["::/129"], [""]])(
  "the entry %j is refused",
  (entry) => {
    expect(() => new HTTPClient({ network: { allow: [entry] } })).toThrow("is no name, *.name");
  },
);

test.each(["8.8.8.8", "::ffff:8.8.8.8", "::ffff:808:808", "2606:4700::1", "2a00:1450::1"])(
  "%s is on the public internet",
  (address) => {
    expect(() => new Guard("public").checkHost(address)).not.toThrow();
  },
);

test("an address that is denied is so too as an IPv6 socket calls it", () => {
  const guard = new Guard({ deny: ["8.8.8.0/24"] });

  expect(() => guard.checkHost("::ffff:8.8.8.8")).toThrow(BlockedAddressError);
  expect(() => guard.checkHost("8.8.4.4")).not.toThrow();
});

test.each([
  "http://127.0.0.1\t:1/",
  "http:\\\\127.0.0.1:1",
  "https:127.0.0.1:1",
  " http://127.0.0.1:1/",
  "http://example.com#@127.0.0.1:1/",
  "http://localhost.:1/",
])("a redirect to %j goes nowhere that is not public", async (location) => {
  await using server = await serve((_, response) => response.writeHead(302, { location }).end());
  const { lookup } = resolver({
    "start.example": [["127.0.0.1"]],
    "localhost.": [["127.0.0.1"]],
    "example.com": [["127.0.0.1"]],
  });
  const url = server.url.replace("127.0.0.1", "start.example");

  const error = await outcome(url, { network: { allow: ["start.example", "public"] }, lookup });

  expect(error).toEqual(blocked);
  expect(server.seen).toBe(1);
});

test.each(["file:///etc/passwd", "data:,x", "ws://127.0.0.1/", "ftp://a/", "javascript:x"])(
  "a redirect to %s is refused, and so is one with credentials",
  async (location) => {
    await using server = await serve(
      (_, response) => response.writeHead(302, { location }).end(),
      (_, response) => response.writeHead(302, { location: "http://ann:pw@a.example/" }).end(),
    );

    expect(await outcome(server.url, {})).toMatchObject({ code: "PROTOCOL_ERROR" });
    const error = await outcome(server.url, {});
    expect(error).toMatchObject({ code: "PROTOCOL_ERROR" });
    expect(String(error)).not.toContain("pw");
  },
);

test("a denied name is denied with as many dots behind it as may be", async () => {
  const guard = new Guard({ allow: ["public"], deny: ["evil.example"] });

  for (const dots of ["", ".", ".."]) {
    expect(() => guard.checkHost(`evil.example${dots}`)).toThrow(BlockedAddressError);
  }
});

test("a look-up of one's own may give one address, though it is asked for all", async () => {
  const lookup = ((_name: string, _options: object, callback: (...found: unknown[]) => void) =>
    queueMicrotask(() => callback(null, "127.0.0.1", 4))) as unknown as LookupFunction;

  expect(await outcome("http://a.example:1/", { network: "public", lookup })).toEqual(blocked);
});
