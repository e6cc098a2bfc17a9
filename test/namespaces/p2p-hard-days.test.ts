import { expect, test } from "vitest";
import { EVERYBODY, Town } from "../support/hard-days/town.ts";
import { requireNamespaces } from "../support/namespaces.ts";
import { requireProgram } from "../support/programs.ts";

const possible = [requireNamespaces(), requireProgram("nft") !== undefined].every(Boolean);
const LIMIT = 40_000;

interface DayOptions {
  /** Short, so that the dead are found soon. */
  readonly heartbeatInterval?: number;
}

/**
 * Five peers on five machines, all linked and calling each other all the time: what happens to them, and after it everything
 * must be as it was. No time is measured: fake clocks do that elsewhere.
 */
function day(
  title: string,
  happens: (town: Town) => Promise<void>,
  { heartbeatInterval = 1_000 }: DayOptions = {},
): void {
  test.runIf(possible)(title, { timeout: LIMIT }, async () => {
    const signal = AbortSignal.timeout(LIMIT - 15_000);
    await using town = await Town.start({ heartbeatInterval, signal });
    await town.load();
    await happens(town);
    await town.mend();
    await town.becomesWhole();
    const remains = await town.end();

    expect(town.history.wrongs()).toEqual([]);
    expect(remains).toEqual(
      EVERYBODY.map((peerId) => ({ peerId, resources: [], exitCode: 0, output: "" })),
    );
  });
}

day("a majority and a minority agree on who is where, and find together again", async (town) => {
  await town.cut("abc", "de");
  await town.agrees("abc", "de");
});
