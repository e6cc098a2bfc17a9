import { FakeClock } from "@net/core/testing";
import { expect, test } from "vitest";
import { HandshakeLimits } from "../../src/links/handshake-limits.ts";
import { remoteHost } from "../../src/links/remote-host.ts";

function limitsOf(changes: Partial<ConstructorParameters<typeof HandshakeLimits>[0]> = {}) {
  const clock = new FakeClock();
  const options = { maxPendingHandshakes: 10, maxPendingHandshakesPerHost: 3, ...changes };
  return {
    clock,
    limits: new HandshakeLimits({ handshakesPerSecondPerHost: 5, ...options }, clock),
  };
}

/** So many of these callers get in. */
function entered(limits: HandshakeLimits, addresses: readonly string[]): Disposable[] {
  return addresses.flatMap((address) => {
    try {
      return [limits.enter(address)];
    } catch {
      return [];
    }
  });
}

function from(host: string, count: number): string[] {
  return Array.from({ length: count }, (_, port) => `ws://${host}:${1_000 + port}/`);
}

test("one host has only so many handshakes under way, and others come in beside it", () => {
  const { limits } = limitsOf();

  expect(entered(limits, from("10.0.0.1", 9))).toHaveLength(3);
  expect(entered(limits, from("10.0.0.2", 2))).toHaveLength(2);
  expect(() => limits.enter("ws://10.0.0.1:9/")).toThrow("3 handshakes of 10.0.0.1 are under way");
});

test("all hosts together have only so many", () => {
  const { limits } = limitsOf();
  const hosts = Array.from({ length: 20 }, (_, host) => `ws://10.0.0.${host}:1/`);
  const pending = entered(limits, hosts);
  expect(pending).toHaveLength(10);
  expect(() => limits.enter("ws://10.0.1.1:1/")).toThrow("10 handshakes are under way");

  pending[0]?.[Symbol.dispose]();
  pending[0]?.[Symbol.dispose]();
  expect(entered(limits, ["ws://10.0.1.1:1/", "ws://10.0.1.2:1/"])).toHaveLength(1);
});

test("a host that begins handshakes without end is slowed down, however soon each is over", async () => {
  const { limits, clock } = limitsOf();
  const knock = (): void => limits.enter("ws://10.0.0.1:1/")[Symbol.dispose]();
  // Four seconds' worth at once.
  for (let count = 0; count < 20; count++) knock();
  expect(knock).toThrow("10.0.0.1 begins handshakes too fast");
  await clock.advance(200);
  knock();

  expect(knock).toThrow("too fast");
  expect(() => limits.enter("ws://10.0.0.2:1/")).not.toThrow();
});

test("a million addresses of one IPv6 network are one host", () => {
  const { limits } = limitsOf();
  const addresses = Array.from({ length: 20 }, (_, at) => `ws://[2001:db8:1:2::${at + 1}]:80/`);

  expect(entered(limits, addresses)).toHaveLength(3);
  expect(entered(limits, ["ws://[2001:db8:1:3::1]:80/"])).toHaveLength(1);
});

test.each([
  ["ws://192.168.1.7:8080/", "192.168.1.7"],
  ["tcp://192.168.1.7:8080", "192.168.1.7"],
  ["wss://[2001:db8::1]:8080/", "2001:db8:0:0::/64"],
  ["ws://[2001:db8:1:2:3:4:5:6]:8080/", "2001:db8:1:2::/64"],
  ["tcp://[::1]:8080", "0:0:0:0::/64"],
  ["something else", "something else"],
  ["memory:laptop", undefined],
])("who is behind %s is %s", (address, host) => {
  expect(remoteHost(address)).toBe(host);
});
