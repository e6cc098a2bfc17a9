import { FakeClock } from "@net/core/testing";
import type { HostAddress } from "@net/sockets";
import { expect, test } from "vitest";
import { HostAddresses } from "../../src/tcp/host-addresses.ts";

/** A name server whose answers a test gives, one family at a time. */
class NameServer implements Disposable {
  readonly clock = new FakeClock();
  readonly asked: string[] = [];
  readonly addresses: HostAddresses;
  changes = 0;
  readonly #answers = new Map<4 | 6, PromiseWithResolvers<readonly HostAddress[]>>();

  constructor() {
    this.addresses = new HostAddresses("host.test", {
      clock: this.clock,
      lookup: (host, family = 4) => {
        this.asked.push(`${host} IPv${family}`);
        const answer = Promise.withResolvers<readonly HostAddress[]>();
        this.#answers.set(family, answer);
        return answer.promise;
      },
    });
    this.addresses.onChange(() => this.changes++);
  }

  async answer(family: 4 | 6, ...addresses: readonly string[]): Promise<void> {
    this.#answers.get(family)?.resolve(addresses.map((address) => ({ address, family })));
    await this.clock.advance(0);
  }

  async fail(family: 4 | 6): Promise<void> {
    this.#answers.get(family)?.reject(new Error(`no IPv${family}`));
    await this.clock.advance(0);
  }

  /** All that can be tried now, in order. */
  take(): readonly string[] {
    const taken: string[] = [];
    for (let next = this.addresses.take(); next; next = this.addresses.take()) {
      taken.push(next.address);
    }
    return taken;
  }

  [Symbol.dispose](): void {
    this.addresses[Symbol.dispose]();
    expect(this.clock.pending).toBe(0);
  }
}

test("both families are asked at once, IPv6 first", () => {
  using names = new NameServer();
  expect(names.asked).toEqual(["host.test IPv6", "host.test IPv4"]);
  expect(names.take()).toEqual([]);
});

test("IPv6 addresses are tried without waiting for IPv4", async () => {
  using names = new NameServer();
  await names.answer(6, "::1", "::2");
  expect(names.changes).toBe(1);
  expect(names.take()).toEqual(["::1", "::2"]);
  expect(names.addresses.isComplete).toBe(false);
});

test("IPv4 addresses wait 50 ms for IPv6, and no longer", async () => {
  using names = new NameServer();
  await names.answer(4, "10.0.0.1");
  await names.clock.advance(49);
  expect([names.changes, names.take()]).toEqual([0, []]);
  await names.clock.advance(1);
  expect([names.changes, names.take()]).toEqual([1, ["10.0.0.1"]]);
});

test("IPv6 that comes within the 50 ms goes first, and the families take turns", async () => {
  using names = new NameServer();
  await names.answer(4, "10.0.0.1");
  await names.clock.advance(30);
  await names.answer(6, "::1", "::2", "::3");
  expect(names.take()).toEqual(["::1", "10.0.0.1", "::2", "::3"]);
  expect(names.addresses.isComplete).toBe(true);
});

test("IPv6 that comes later takes its turn among what is left", async () => {
  using names = new NameServer();
  await names.answer(4, "10.0.0.1", "10.0.0.2", "10.0.0.3");
  await names.clock.advance(50);
  expect(names.addresses.take()).toMatchObject({ address: "10.0.0.1" });
  await names.answer(6, "::1");
  expect(names.changes).toBe(2);
  expect(names.take()).toEqual(["::1", "10.0.0.2", "10.0.0.3"]);
});

test.each([
  { name: "fails", end: (names: NameServer) => names.fail(6) },
  { name: "is empty", end: (names: NameServer) => names.answer(6) },
])("when the IPv6 answer $name, IPv4 waits no longer", async ({ end }) => {
  using names = new NameServer();
  await names.answer(4, "10.0.0.1");
  await end(names);
  expect(names.take()).toEqual(["10.0.0.1"]);
  expect(names.clock.pending).toBe(0);
});

test("when both fail it is complete, and says why", async () => {
  using names = new NameServer();
  await names.fail(6);
  expect([names.changes, names.addresses.isComplete]).toEqual([0, false]);
  await names.fail(4);
  expect([names.changes, names.addresses.isComplete]).toEqual([1, true]);
  expect(names.addresses.errors).toMatchObject([{ message: "no IPv6" }, { message: "no IPv4" }]);
});

test("addresses of a family that was not asked for are ignored", async () => {
  const both: readonly HostAddress[] = [
    { address: "10.0.0.1", family: 4 },
    { address: "::1", family: 6 },
  ];
  const clock = new FakeClock();
  using addresses = new HostAddresses("host.test", { clock, lookup: async () => both });
  await clock.advance(0);
  expect([addresses.take(), addresses.take(), addresses.take()]).toEqual([
    both[1],
    both[0],
    undefined,
  ]);
});
