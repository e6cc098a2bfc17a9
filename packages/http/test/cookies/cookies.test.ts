import { FakeClock } from "@net/core/testing";
import { type CookieJar, HTTPClient } from "@net/http";
import { expect, test } from "vitest";
import { HostCookieJar } from "../../src/cookies/host-jar.ts";
import { serve } from "../local-server.ts";

test("cookies that came are sent again, also along a redirect, beside the caller's", async () => {
  const seen: (string | undefined)[] = [];
  await using server = await serve((request, response) => {
    seen.push(request.headers.cookie);
    if (request.url === "/login")
      response
        .writeHead(302, { location: "/home", "set-cookie": ["a=1; Path=/", "b=2; Path=/"] })
        .end();
    else response.end();
  });
  await using http = new HTTPClient({ baseUrl: server.url, cookies: true });

  await http.get("/login");
  await http.get("/home", { headers: { cookie: "own=3" } });

  expect(seen).toEqual([undefined, "a=1; b=2", "own=3; a=1; b=2"]);
});

test("a jar of one's own is asked and told", async () => {
  await using server = await serve((request, response) =>
    response.writeHead(200, { "set-cookie": "a=1" }).end(request.headers.cookie),
  );
  const told: string[] = [];
  const cookies: CookieJar = {
    getCookieString: async () => "jar=1",
    setCookie: async (cookie, url) => void told.push(`${url} ${cookie}`),
  };
  await using http = new HTTPClient({ cookies });

  expect((await http.get(`${server.url}/x`)).text).toBe("jar=1");
  expect(told).toEqual([`${server.url}/x a=1`]);
});

test.each([
  [
    "goes to its own host only, whatever its domain says",
    "a=1; Domain=example.com",
    "https://www.example.com/",
    "https://example.com/",
    "",
  ],
  ["stays below its path", "a=1; Path=/x", "https://a/", "https://a/x/y", "a=1"],
  ["does not go beside its path", "a=1; Path=/x", "https://a/", "https://a/xy", ""],
  ["has the directory as its path", "a=1", "https://a/d/page", "https://a/d/other", "a=1"],
  ["that is secure does not go over http", "a=1; Secure", "https://a/", "http://a/", ""],
  ["that is secure does not come over http", "a=1; Secure", "http://a/", "https://a/", ""],
  ["may hold an equals sign", "a=b=c; path=/", "https://a/", "https://a/", "a=b=c"],
  ["without a name is none", "=1", "https://a/", "https://a/", ""],
  [
    "that has expired is gone",
    "a=1; Expires=Wed, 01 Jan 2020 00:00:00 GMT",
    "https://a/",
    "https://a/",
    "",
  ],
  ["that could not be sent again is none", "a=\u0001", "https://a/", "https://a/", ""],
  ["named __Secure- is secure", "__Secure-a=1", "https://a/", "https://a/", ""],
  ["named __Host- is the whole host's", "__Host-a=1; Secure", "https://a/d/p", "https://a/d/", ""],
  [
    "named __Host- that is so is kept",
    "__Host-a=1; Secure; Path=/",
    "https://a/",
    "https://a/",
    "__Host-a=1",
  ],
  [
    "of age 0 is gone",
    "a=1; Max-Age=0; Expires=Wed, 01 Jan 2050 00:00:00 GMT",
    "https://a/",
    "https://a/",
    "",
  ],
])("a cookie %s", (_name, cookie, from, to, expected) => {
  const jar = new HostCookieJar(new FakeClock());

  jar.setCookie(cookie, from);

  expect(jar.getCookieString(to)).toBe(expected);
});

test("cookies expire, are replaced and taken away, and do not pile up", async () => {
  const clock = new FakeClock();
  const jar = new HostCookieJar(clock);
  jar.setCookie("a=1; Max-Age=60", "https://a/");
  jar.setCookie("a=2; Max-Age=60", "https://a/");
  expect(jar.getCookieString("https://a/")).toBe("a=2");
  await clock.advance(60_000);
  expect(jar.getCookieString("https://a/")).toBe("");

  for (let i = 0; i < 200; i++) jar.setCookie(`c${i}=1`, "https://a/");
  expect(jar.getCookieString("https://a/").split("; ")).toHaveLength(100);
  for (let i = 0; i < 1_100; i++) jar.setCookie("c=1", `https://h${i}/`);
  expect(jar.getCookieString("https://h0/")).toBe("");
  expect(jar.getCookieString("https://h1099/")).toBe("c=1");
});

test("a cookie that came over https is not replaced by one that comes over http", () => {
  const jar = new HostCookieJar(new FakeClock());
  jar.setCookie("a=1; Secure; Path=/", "https://a/");

  jar.setCookie("a=2; Path=/", "http://a/");
  expect(jar.getCookieString("https://a/")).toBe("a=1");
  jar.setCookie("a=3; Path=/", "https://a/");
  expect(jar.getCookieString("https://a/")).toBe("a=3");
});
