import { ValidationError } from "@net/core";
import { expect, test } from "vitest";
import { formatAddress, parseAddress } from "../../src/transport/address.ts";

test.each([
  ["ws://host", { isSecure: false, host: "host", port: 80, path: "/" }],
  ["wss://host", { isSecure: true, host: "host", port: 443, path: "/" }],
  ["ws://127.0.0.1:7000/", { isSecure: false, host: "127.0.0.1", port: 7000, path: "/" }],
  ["wss://[::1]:7000/a/b", { isSecure: true, host: "::1", port: 7000, path: "/a/b" }],
])("%s is understood", (address, parts) => {
  expect(parseAddress(address)).toEqual(parts);
});

test.each([
  "ws://",
  "ws://[host]:1",
  "ws://[::1",
  "ws://h:70000",
  "http://h:1",
  "ws://h:1/?q=1",
  "ws://h:1 ",
])("%s is no address", (address) => {
  expect(() => parseAddress(address)).toThrow(ValidationError);
});

test("an IPv6 host stands in brackets, an IPv4 host that came through IPv6 is IPv4 again", () => {
  const rest = { isSecure: false, port: 1, path: "/" };
  expect(formatAddress({ ...rest, host: "fe80::1" })).toBe("ws://[fe80::1]:1/");
  expect(formatAddress({ ...rest, host: "::ffff:10.0.0.1" })).toBe("ws://10.0.0.1:1/");
});
