import { sleep } from "@net/core";
import type { History, Question } from "./history.ts";
import type { PeerProcess } from "./peer-process.ts";

/** What a tool answers: nobody else would answer just this. */
export function answerOf(peerId: string, { id, n }: Question): string {
  return `${peerId} says ${n * 2 + 1} to ${id}`;
}

/** The chunks that `count` streams. */
export const CHUNKS = 6;
const CHUNK_BYTES = 20_000;

/** The tools of every peer: one that may run once only, one that may run again, one that streams. */
export function offerTools({ id, name, host, network }: PeerProcess, history: History): void {
  const run = async (tool: string, question: Question, signal: AbortSignal): Promise<string> => {
    history.ran({ process: name, tool, question });
    await sleep(question.takesMs, { signal, clock: host });
    return answerOf(id, question);
  };
  const common = { concurrency: 256 };
  network.registerTool({ ...common, name: "work" }, (question, { signal }) =>
    run("work", question as Question, signal),
  );
  network.registerTool({ ...common, name: "read", idempotent: true }, (question, { signal }) =>
    run("read", question as Question, signal),
  );
  network.registerTool({ ...common, name: "count" }, async function* (asked, { signal }) {
    const question = asked as Question;
    for (let n = 0; n < CHUNKS; n++) {
      await sleep(question.takesMs / CHUNKS, { signal, clock: host });
      yield new Uint8Array(CHUNK_BYTES).fill(question.n + n);
    }
    return await run("count", { ...question, takesMs: 0 }, signal);
  });
}
