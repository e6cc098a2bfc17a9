import { sleep, ValidationError } from "@net/core";
import type { PeerNetwork } from "@net/p2p";
import { notify } from "../process/serve.ts";
import { countWords, type WordCounts } from "./words.ts";

/** What `count-words` answers with. */
export interface CountAnswer {
  readonly counts: WordCounts;
  /** Whether this process could have read the file by itself. */
  readonly couldReadFile: boolean;
}

/** Offers what a machine of the tour can do. */
export function registerTools(network: PeerNetwork, { slow }: { readonly slow: boolean }): void {
  network.registerTool(
    {
      name: "count-words",
      description: "Counts the words of the text whose bytes are given.",
      idempotent: true,
      concurrency: 16,
    },
    (args) => countNow(args),
  );
  if (!slow) return;
  network.registerTool(
    {
      name: "count-words-slowly",
      description: "The same, taking its time, so that there is time for an accident.",
      idempotent: true,
      concurrency: 4,
    },
    async (args, { signal }) => {
      notify("slow-work", {});
      await sleep(numberIn(args, "forMs"), { signal });
      return countNow(args);
    },
  );
}

function countNow(args: unknown): CountAnswer {
  const { bytes, path } = args as { readonly bytes?: unknown; readonly path?: unknown };
  if (!(bytes instanceof Uint8Array)) {
    throw new ValidationError("count-words needs the text's bytes as a Uint8Array");
  }
  return { counts: countWords(bytes), couldReadFile: typeof path === "string" && canRead(path) };
}

/** Without the permission model a process may read what its user may. */
function canRead(path: string): boolean {
  const { permission } = process as { permission?: { has(scope: string, path: string): boolean } };
  return permission?.has("fs.read", path) ?? true;
}

function numberIn(args: unknown, name: string): number {
  const value = (args as Readonly<Record<string, unknown>>)[name];
  if (typeof value !== "number") throw new ValidationError(`${name} must be a number`);
  return value;
}
