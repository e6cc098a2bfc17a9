// Run where worker threads are forbidden: a scan large enough for them, until its first answers, and one that insists.
import { NetworkError } from "@net/core";
import { scan } from "@net/sockets";

async function first(count: number, workers: number | "auto"): Promise<number> {
  let answers = 0;
  for await (const _ of scan(["127.0.0.1"], ["1-10000"], { workers })) {
    if (++answers === count) break;
  }
  return answers;
}

const found = await first(100, "auto");
const refused = await first(1, 2).catch((error: unknown) =>
  NetworkError.is(error) ? (error.cause as { code?: string } | undefined)?.code : undefined,
);
process.stdout.write(JSON.stringify({ found, refused }));
