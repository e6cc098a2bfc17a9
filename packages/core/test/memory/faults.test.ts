import { AbortedError, type Link, memoryTransport, ValidationError } from "@net/core";
import { FakeClock, settle } from "@net/core/testing";
import { expect, test } from "vitest";

async function setUp() {
  const clock = new FakeClock();
  const network = memoryTransport({ clock });
  const arrived: [host: string, atMs: number, text: string][] = [];
  const listen = (host: string): Promise<unknown> =>
    network.at(host).listen(`memory:${host}`, (link) => {
      link.receive((frame) => {
        arrived.push([host, clock.monotonicMs(), Buffer.from(frame).toString()]);
      });
    });
  await Promise.all([listen("a"), listen("b"), listen("c")]);
  const say = (link: Link, text: string): boolean => link.send(Buffer.from(text));
  return { clock, network, arrived, say };
}

test("frames take as long as the delay says, and keep their order", async () => {
  const { clock, network, arrived, say } = await setUp();
  network.faults.delay((from, to) => (from === "a" && to === "b" ? 30 : 10));
  const dial = network.at("a").dial("memory:b");
  await clock.advance(40);
  const link = await dial;
  say(link, "one");
  await clock.advance(5);
  say(link, "two");
  await clock.advance(100);

  expect(arrived).toEqual([
    ["b", 70, "one"],
    ["b", 75, "two"],
  ]);
});

test("a partition holds frames back until it heals, on one side of it nothing changes", async () => {
  const { network, arrived, say } = await setUp();
  const toB = await network.at("a").dial("memory:b");
  const toC = await network.at("a").dial("memory:c");
  network.faults.partition(["a", "c"], ["b"]);
  say(toB, "held");
  say(toC, "fine");
  await settle();
  expect(arrived.map(([host]) => host)).toEqual(["c"]);

  const late = network.at("a").dial("memory:b");
  const given = network.at("a").dial("memory:b", { signal: AbortSignal.timeout(1) });
  await expect(given).rejects.toThrow(AbortedError);
  network.faults.heal();
  await late;
  await settle();
  expect(arrived.map(([, , text]) => text)).toEqual(["fine", "held"]);
});

test("a frozen host neither hears nor says anything, not even a close, until it thaws", async () => {
  const { network, arrived, say } = await setUp();
  const link = await network.at("a").dial("memory:b");
  link.receive(() => {});
  network.faults.freeze("b");
  say(link, "hello?");
  const closing = link.close();
  await settle();
  expect(arrived).toEqual([]);

  network.faults.thaw("b");
  await closing;
  expect(arrived.map(([, , text]) => text)).toEqual(["hello?"]);
});

test("lost links are lost at both ends, others live on", async () => {
  const { network, say, arrived } = await setUp();
  const toB = await network.at("a").dial("memory:b");
  const toC = await network.at("a").dial("memory:c");
  toB.receive(() => {});
  network.faults.loseLinks("a", "b");

  expect((await toB.closed).code).toBe("lost");
  say(toC, "still here");
  await settle();
  expect(arrived.map(([, , text]) => text)).toEqual(["still here"]);
});

test("a shorter delay does not let a frame overtake, nor does a thaw", async () => {
  const { clock, network, arrived, say } = await setUp();
  const link = await network.at("a").dial("memory:b");
  for (const [text, delay] of [
    ["one", 100],
    ["two", 10],
    ["three", 500],
  ] as const) {
    network.faults.delay(delay);
    say(link, text);
  }
  await clock.advance(100);
  expect(arrived).toEqual([
    ["b", 100, "one"],
    ["b", 100, "two"],
  ]);
  network.faults.freeze("b");
  await clock.advance(900);
  network.faults.delay(0);
  say(link, "four");
  network.faults.thaw("b");
  await clock.advance(0);
  expect(arrived.slice(2)).toEqual([
    ["b", 1_000, "three"],
    ["b", 1_000, "four"],
  ]);
});

test("a close travels as long as a frame does, and arrives behind it", async () => {
  const { clock, network, arrived, say } = await setUp();
  const link = await network.at("a").dial("memory:b");
  network.faults.delay(50);
  say(link, "last");
  let isOver = false;
  const closing = link.close().then(() => (isOver = true));
  await clock.advance(49);
  expect([arrived.length, isOver]).toEqual([0, false]);
  await clock.advance(1);
  await closing;

  expect(arrived).toEqual([["b", 50, "last"]]);
  expect(clock.pending).toBe(0);
});

test("links are lost at once, whatever the delay and whoever is on the other side of a partition", async () => {
  const { clock, network, say } = await setUp();
  const links = [await network.at("a").dial("memory:b"), await network.at("a").dial("memory:c")];
  for (const link of links) link.receive(() => {});
  network.faults.delay(10_000);
  network.faults.partition(["a"], ["b", "c"]);
  for (const link of links) say(link, "never");
  network.faults.loseLinks("a");

  expect((await Promise.all(links.map((link) => link.closed))).map(({ code }) => code)).toEqual([
    "lost",
    "lost",
  ]);
  await settle();
  expect(clock.pending).toBe(0);
});

test("a frozen host notices a loss when it thaws, its peer at once", async () => {
  const network = memoryTransport();
  const accepted = Promise.withResolvers<Link>();
  await network.at("b").listen("memory:b", accepted.resolve);
  const near = await network.at("a").dial("memory:b");
  const far = await accepted.promise;
  for (const link of [near, far]) link.receive(() => {});
  let seen = "nothing";
  void far.closed.then(({ code }) => (seen = code));
  network.faults.freeze("b");
  network.faults.loseLinks("a", "b");
  expect((await near.closed).code).toBe("lost");
  await settle();
  expect(seen).toBe("nothing");

  network.faults.thaw("b");
  await far.closed;
  expect(seen).toBe("lost");
});

test("a close towards somebody who is gone, and never listened, takes no time", async () => {
  const clock = new FakeClock();
  const network = memoryTransport({ clock });
  const accepted = Promise.withResolvers<Link>();
  await network.listen("memory:b", accepted.resolve);
  const near = await network.dial("memory:b");
  near.abort();
  await (await accepted.promise).close();

  expect(clock.monotonicMs()).toBe(0);
});

test("what was under way to an end that is gone leaves no timer", async () => {
  const { clock, network, say } = await setUp();
  const link = await network.at("a").dial("memory:b");
  network.faults.delay(1_000);
  say(link, "too late");
  link.abort();
  await clock.advance(1_000);

  expect(clock.pending).toBe(0);
});

test("a delay that is no time is a ValidationError, where it is said or where it is asked for", async () => {
  const { network, say } = await setUp();
  expect(() => network.faults.delay(-1)).toThrow(ValidationError);
  const link = await network.at("a").dial("memory:b");
  network.faults.delay(() => Number.NaN);

  expect(() => say(link, "when?")).toThrow(ValidationError);
  await expect(network.dial("memory:b")).rejects.toThrow(ValidationError);
});

test("closed links leave no timer on the clock", async () => {
  const { clock, network } = await setUp();
  const link = await network.dial("memory:a");
  link.receive(() => {});
  await link.close();

  expect(clock.pending).toBe(0);
});
