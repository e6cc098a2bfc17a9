import { countWords, mergeCounts, splitLines } from "../../peer/words.ts";
import { expectSeen } from "../expect.ts";
import type { Step } from "../step.ts";
import { peerNames } from "../world.ts";

const PIECES = 24;

/** The same work in pieces, spread over every machine. */
export const parallel: Step = {
  name: "parallel",
  title: "The same work on all machines at once",
  async run(world, signal) {
    const pieces = splitLines(world.file.bytes, PIECES);
    const result = await world.peer("desktop").call("countPieces", { pieces }, { signal });
    const merged = JSON.stringify(mergeCounts(result.pieces));
    expectSeen(merged === JSON.stringify(countWords(world.file.bytes)), "the pieces do not add up");
    for (const name of peerNames)
      expectSeen(result.ranOn[name], `${name} got no piece of the work`);

    const shares = Object.entries(result.ranOn).map(([name, count]) => `${name} ${count}`);
    return {
      facts: { pieces: pieces.length, ranOn: result.ranOn, durationMs: result.durationMs },
      words: `${pieces.length} pieces in ${result.durationMs.toFixed(1)} ms (${shares.join(", ")}); together they are the whole`,
    };
  },
};
