import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { proxyFromEnvironment } from "../../src/socket/proxy-environment.ts";

function proxy(url: string, environment: Record<string, string>): string | undefined {
  return proxyFromEnvironment(url, environment)?.url.href;
}

test("each scheme has its own variable, small letters first, and one for all the rest", () => {
  const environment = {
    HTTPS_PROXY: "http://s/",
    http_proxy: "http://p/",
    HTTP_PROXY: "http://no/",
  };
  expect(proxy("wss://a/", environment)).toBe("http://s/");
  expect(proxy("ws://a/", environment)).toBe("http://p/");
  expect(proxy("ws://a/", { ALL_PROXY: "https://all:8080" })).toBe("https://all:8080/");
  expect(proxy("ws://a/", { http_proxy: "bare:3128" })).toBe("http://bare:3128/");
  expect(proxy("ws://a/", { HTTPS_PROXY: "http://s/" })).toBeUndefined();
  expect(proxy("ws://a/", {})).toBeUndefined();
});

test.each([
  ["*", "wss://any.test/", true],
  ["a.test", "wss://a.test/", true],
  ["A.Test", "wss://a.test/", true],
  ["a.test", "wss://deep.a.test/", true],
  [".a.test", "wss://deep.a.test/", true],
  ["*.a.test", "wss://deep.a.test/", true],
  ["a.test", "wss://nota.test/", false],
  ["x, a.test b", "wss://a.test/", true],
  ["a.test:443", "wss://a.test/", true],
  ["a.test:8443", "wss://a.test/", false],
  ["a.test:80", "ws://a.test/", true],
  ["127.0.0.1", "ws://127.0.0.1:9/", true],
  ["::1", "ws://[::1]:9/", true],
  ["[::1]:9", "ws://[::1]:9/", true],
  ["[::1]:8", "ws://[::1]:9/", false],
  ["", "ws://a.test/", false],
  [",", "ws://a.test/", false],
])("no_proxy %j for %s goes straight: %s", (no_proxy, url, isDirect) => {
  expect(proxy(url, { all_proxy: "http://p/", no_proxy })).toBe(isDirect ? undefined : "http://p/");
});

test("what is no proxy's URL is said to be none", () => {
  expect(() => proxy("ws://a/", { all_proxy: "socks5://p:1080" })).toThrow(ValidationError);
});
