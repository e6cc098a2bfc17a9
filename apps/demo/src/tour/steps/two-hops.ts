import { basename } from "node:path";
import { countWords } from "../../peer/words.ts";
import { expectSeen } from "../expect.ts";
import type { Step } from "../step.ts";

/** A tool on gpu-box, called from desktop through laptop, on a real file. */
export const twoHops: Step = {
  name: "two-hops",
  title: "A tool two hops away",
  async run(world, signal) {
    const { path, bytes } = world.file;
    const call = { on: "gpu-box", bytes, path };
    const result = await world.peer("desktop").call("countWords", call, { signal });
    const { counts, hops, executedOn, durationMs, couldReadFile } = result;
    expectSeen(
      executedOn === "gpu-box" && hops === 2,
      `it ran on ${executedOn}, ${hops} hops away`,
    );
    expectSeen(!couldReadFile, "gpu-box could have read the file by itself");
    const expected = JSON.stringify(countWords(bytes));
    expectSeen(
      JSON.stringify(counts) === expected,
      "gpu-box counted other words than this machine",
    );

    const total = counts.reduce((sum, [, count]) => sum + count, 0);
    const top = counts.slice(0, 5);
    return {
      facts: {
        file: basename(path),
        bytes: bytes.length,
        executedOn,
        hops,
        durationMs,
        couldReadFile,
        words: total,
        distinct: counts.length,
        top,
      },
      words: `${bytes.length} bytes of ${basename(path)} travelled desktop → laptop → gpu-box, which may not read that file: ${total} words, ${counts.length} different, in ${durationMs.toFixed(1)} ms`,
      lines: [top.map(([word, count]) => `${word} ${count}`).join(" · ")],
    };
  },
};
