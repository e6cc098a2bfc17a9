import { isIPv6 as isIPv6OfNode } from "node:net";
import { formatHostPort, isIPv6, parseHostPort, withoutMapping } from "@net/core";
import { expect, test } from "vitest";

test.each([
  ["localhost:7000", { host: "localhost", port: 7000 }],
  ["my-host.local:0", { host: "my-host.local", port: 0 }],
  ["10.0.0.1:65535", { host: "10.0.0.1", port: 65_535 }],
  ["[::1]:7000", { host: "::1", port: 7000 }],
  ["[fe80::1%eth0]:1", { host: "fe80::1%eth0", port: 1 }],
])("%s is a host and a port, and is put together again", (text, parts) => {
  expect(parseHostPort(text)).toEqual(parts);
  expect(formatHostPort(parts)).toBe(text);
});

test.each([
  "",
  ":7000",
  "host",
  "host:",
  "host:65536",
  "host:-1",
  "host:1x",
  "::1:7000",
  "[host]:1",
  "[::1",
  "[::1]7",
  "[::1]@evil:1",
  "a b:1",
  "user@host:1",
  "host:1/",
  `${"a".repeat(254)}:1`,
])("%j is none", (text) => {
  expect(parseHostPort(text)).toBeUndefined();
});

test("a missing port is the default one, where there is one", () => {
  expect(parseHostPort("host", { defaultPort: 80 })).toEqual({ host: "host", port: 80 });
  expect(parseHostPort("[::1]", { defaultPort: 443 })).toEqual({ host: "::1", port: 443 });
  expect(parseHostPort("host:8080", { defaultPort: 80 })).toEqual({ host: "host", port: 8080 });
});

test("an IPv4 address that came through an IPv6 socket is IPv4 again", () => {
  expect(formatHostPort({ host: "::ffff:10.0.0.1", port: 1 })).toBe("10.0.0.1:1");
  expect(withoutMapping("::FFFF:10.0.0.1")).toBe("10.0.0.1");
  expect(withoutMapping("::ffff:a00:1")).toBe("::ffff:a00:1");
});

test.each([
  "::",
  "::1",
  "1:2:3:4:5:6:7:8",
  "1::8",
  "::ffff:1.2.3.4",
  "fe80::1%eth0",
  "1:2:3:4:5:6:7:8:9",
  "1::2::3",
  ":::",
  "12345::",
  "::1.2.3",
  "1.2.3.4",
  "g::",
  "host",
  "",
  "::1]/x[::1",
  "::1%",
])("Node and we agree whether %j is an IPv6 address", (text) => {
  expect(isIPv6(text)).toBe(isIPv6OfNode(text));
});
