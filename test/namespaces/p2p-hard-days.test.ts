import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { EVERYBODY, Town } from "../support/hard-days/town.ts";
import { requireNamespaces } from "../support/namespaces.ts";
import { requireProgram } from "../support/programs.ts";

const possible = [requireNamespaces(), requireProgram("nft") !== undefined].every(Boolean);
const LIMIT = 90_000;

interface DayOptions {
  /** Whose idempotent calls are all answered: there is always somebody whom they can reach. Default: nobody's. */
  readonly answered?: string;
  /** Short, so that the dead are found soon. */
  readonly heartbeatInterval?: number;
}

/**
 * Five peers on five machines, all linked and calling each other all the time: what happens to them, after which everything
 * must become as it was. No time is asserted, only what was told: fake clocks measure elsewhere.
 */
function day(
  title: string,
  happens: (town: Town) => Promise<void>,
  { answered = "", heartbeatInterval = 1_000 }: DayOptions = {},
): void {
  test.runIf(possible)(title, { timeout: LIMIT }, async () => {
    const signal = AbortSignal.timeout(LIMIT - 15_000);
    await using town = await Town.start({ heartbeatInterval, signal });
    await town.load();
    await happens(town);
    await town.mend();
    await town.becomesWhole();
    await town.unload();

    expect(town.history.answered).toBeGreaterThan(100);
    expect(town.history.wrongs()).toEqual([]);
    expect(town.history.failures("idempotent", answered)).toEqual([]);
    // Nothing is left of the network in any process, and each ends by itself.
    expect(await town.end()).toEqual(
      EVERYBODY.map((peerId) => ({ peerId, resources: [], exitCode: 0, output: "" })),
    );
  });
}

/** Whether one of a pair of peers is on each side. */
function isAcross(pair: string, side: string): boolean {
  return [...pair].filter((id) => side.includes(id)).length === 1;
}

day("a majority and a minority agree on who is where, and find together again", async (town) => {
  await town.cut("abc", "de");
  await town.agrees("abc", "de");
  await town.mend();
  await town.becomesWhole();
  // What only one side cannot hear is lost to both.
  await town.cut("de", "abc", { oneWay: true });
  await town.agrees("abc", "de");

  expect(town.history.deaths().filter((pair) => !isAcross(pair, "de"))).toEqual([]);
});

day(
  "a link that carries one way only is given up by both its ends, and others relay",
  async (town) => {
    await town.cut("a", "b", { oneWay: true });
    await town.see(["a"], ({ neighbours }) => !neighbours.includes("b"));
    await town.see(["b"], ({ neighbours }) => !neighbours.includes("a"));
    await town.see(["a", "b"], ({ reached }) => reached.length === 4);

    expect(town.history.deaths().filter((pair) => pair !== "ab" && pair !== "ba")).toEqual([]);
    expect(town.history.tellers()).toEqual([]);
  },
  { answered: "abcde" },
);

day("partitions that come and go leave nothing behind", async (town) => {
  for (let round = 0; round < 5; round++) {
    await town.cut("abc", "de");
    await sleep(400 + 300 * round);
    await town.mend();
    await sleep(500);
  }

  expect(town.history.deaths().filter((pair) => !isAcross(pair, "de"))).toEqual([]);
});

day(
  "a frozen peer is given up by all, and nobody else is by anybody",
  async (town) => {
    town.peer("e").freeze();
    await town.agrees("abcd");
    town.peer("e").thaw();
    await town.becomesWhole();

    expect(town.history.deaths()).toEqual(["ae", "be", "ce", "de"]);
  },
  { answered: "abcd" },
);

day(
  "a peer that was killed is missed at once, and taken in again",
  async (town) => {
    // Who came and went within a moment is nobody's loss.
    await sleep(2_500);
    await town.kill("c");
    await town.agrees("abde");
    await town.startPeer("c");
    await town.connect("c");
    await town.load(["c"]);
    await town.becomesWhole();

    expect(town.history.deaths()).toEqual([]);
  },
  { answered: "abde" },
);

day("a clock that is an hour off keeps nobody away", async (town) => {
  await town.peer("b").ask("setForward", 3_600_000);
  await town.peer("d").ask("setForward", -3_600_000);
  await sleep(2_000);
  expect(town.history.deaths()).toEqual([]);
  await town.cut("bd", "ace");
  await town.agrees("bd", "ace");

  expect(town.history.deaths().filter((pair) => !isAcross(pair, "bd"))).toEqual([]);
});

day(
  "a peer that gets to nothing for 5 s is nobody's death, and gives up nobody",
  async (town) => {
    await town.peer("c").ask("block", 5_000);
    await town.becomesWhole();

    expect(town.history.deaths()).toEqual([]);
  },
  // As it is unless it is told otherwise: what is blocked for longer than a beat and a half may be taken for dead.
  { answered: "abde", heartbeatInterval: 5_000 },
);

day(
  "who reads slowly slows down only what it reads",
  async (town) => {
    await using _stutter = stutters(town, "e");
    const { numbers, mostAhead } = await town.peer("e").ask("readStream", "a");

    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, n) => n));
    expect(numbers).toHaveLength(300);
    expect(mostAhead).toBeLessThan(100);
    expect(town.history.deaths()).toEqual([]);
  },
  { answered: "abcde" },
);

day(
  "a laptop that wakes with another address is back, and has given up nobody",
  async (town) => {
    town.peer("e").freeze();
    await town.moveToNewAddress("e");
    await town.agrees("abcd");
    town.peer("e").thaw();
    await town.becomesWhole();

    // Of those it says nothing but that the links are stale.
    expect(town.history.deaths("silent")).toEqual(["ae", "be", "ce", "de"]);
  },
  { answered: "abcd" },
);

/** Lets a process run now and then only, until the result is disposed of. */
function stutters(town: Town, id: string): AsyncDisposable {
  const over = new AbortController();
  const run = async (): Promise<void> => {
    while (!over.signal.aborted) {
      town.peer(id).freeze();
      await sleep(120);
      town.peer(id).thaw();
      await sleep(80);
    }
  };
  const running = run();
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await running;
    },
  };
}
