import { ValidationError } from "@net/core";
import { serviceName, servicePort } from "@net/sockets";
import { expect, test } from "vitest";
import { parsePorts } from "../../src/scan/ports.ts";

test("ports are numbers, ranges and services' names, in their order and each once", () => {
  expect(parsePorts([8080, "22", "80-82", "ssh", "HTTPS", 81])).toEqual([
    8080, 22, 80, 81, 82, 443,
  ]);
});

test("top100 is a hundred ports, and - is all of them", () => {
  expect(parsePorts(["top100"])).toHaveLength(100);
  expect(parsePorts(["top100"])).toEqual(expect.arrayContaining([22, 80, 443, 5432, 11_434]));
  const all = parsePorts(["-"]);
  expect([all[0], all.at(-1), all.length]).toEqual([1, 65_535, 65_535]);
});

test.each([0, 65_536, -1, 1.5, "90-80", "0-10", "1-70000", "", "no-such-service", "80-90-100"])(
  "%j is no port",
  (spec) => {
    expect(() => parsePorts([spec])).toThrow(ValidationError);
  },
);

test("no port at all is a mistake", () => {
  expect(() => parsePorts([])).toThrow(/name at least one/);
});

test("services are known by IANA's names, both ways", () => {
  for (const [port, name] of [
    [1, "tcpmux"],
    [22, "ssh"],
    [80, "http"],
    [443, "https"],
    [5432, "postgresql"],
    [6379, "redis"],
  ] as const) {
    expect(serviceName(port)).toBe(name);
    expect(servicePort(name)).toBe(port);
  }
  expect(serviceName(65_535)).toBeUndefined();
  expect(servicePort("no-such-service")).toBeUndefined();
});
