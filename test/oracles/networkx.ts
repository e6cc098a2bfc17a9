import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "vitest";

/** From a node to another, and what it costs. */
export type OracleArc = readonly [from: string, to: string, costUs: number];

/** A graph, or how networkx makes one, and what is asked about it. */
export type OracleQuestion = (
  | { readonly nodes: readonly string[]; readonly arcs: readonly OracleArc[] }
  | { readonly family: string; readonly args: readonly unknown[] }
) & { readonly source: string; readonly target: string; readonly k: number };

/** See networkx_oracle.py. Weights are costUs · 4096 + hops. */
export interface OracleAnswer {
  readonly nodes: readonly string[];
  readonly arcs: readonly OracleArc[];
  readonly distances: Readonly<Record<string, number>>;
  readonly diameter: number;
  readonly averageHops: number;
  readonly components: readonly (readonly string[])[];
  readonly bridges: readonly (readonly string[])[];
  readonly cutVertices: readonly string[];
  readonly kShortest: readonly number[] | null;
  readonly disjointPair: number | null;
  /** -1 where there is none, null where it is not asked. */
  readonly backup: number | null;
}

/** networkx in one Python process, which answers in order. */
export interface Oracle extends AsyncDisposable {
  ask(question: OracleQuestion): Promise<OracleAnswer>;
}

/**
 * A Python that has networkx, or undefined: then a test of this file is shown as skipped and says so, or, with
 * `NET_REQUIRE_ALL=1`, all fails.
 */
export function requireNetworkx(): string | undefined {
  const python = findPython();
  if (python) return python;
  const missing =
    "python3 with networkx (Debian: python3-networkx) is not installed; the oracle's tests are skipped";
  if (process.env.NET_REQUIRE_ALL === "1") throw new Error(missing);
  test("needs networkx", ({ skip }) => skip(missing));
  return undefined;
}

function findPython(path: string = process.env.PATH ?? ""): string | undefined {
  const found = path
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, "python3"));
  return found.filter((each) => existsSync(each)).find(hasNetworkx);
}

function hasNetworkx(python: string): boolean {
  return spawnSync(python, ["-c", "import networkx"], { stdio: "ignore" }).status === 0;
}

export function startOracle(python: string): Oracle {
  const child = spawn(python, [join(import.meta.dirname, "networkx_oracle.py")], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const waiting: PromiseWithResolvers<OracleAnswer>[] = [];
  createInterface({ input: child.stdout }).on("line", (line) =>
    waiting.shift()?.resolve(JSON.parse(line)),
  );
  const ended = once(child, "close").then(() => {
    for (const { reject } of waiting.splice(0)) reject(new Error("the oracle has ended"));
  });
  return {
    ask(question) {
      const answer = Promise.withResolvers<OracleAnswer>();
      waiting.push(answer);
      child.stdin.write(`${JSON.stringify(question)}\n`);
      return answer.promise;
    },
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
