import { AbortedError, type Link, memoryTransport } from "@net/core";
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

test("closed links leave no timer on the clock", async () => {
  const { clock, network } = await setUp();
  const link = await network.dial("memory:a");
  link.receive(() => {});
  await link.close();

  expect(clock.pending).toBe(0);
});
