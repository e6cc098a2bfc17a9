import type { News, Way } from "./commands.ts";

interface Entry {
  /** The peer that told it, and its process. */
  readonly by: string;
  readonly pid: number;
  readonly news: News;
}

/** A call, as its maker and those who ran it have told. */
interface Call {
  readonly id: string;
  readonly way: Way;
  readonly outcome: string | undefined;
  readonly isOverdue: boolean;
  /** By whom it was run: `b.4711`, once for each time. */
  readonly runs: readonly string[];
}

/** What has happened in all processes of a day. */
export class History {
  readonly #entries: Entry[] = [];
  readonly #killed = new Set<number>();

  add(by: string, pid: number, news: News): void {
    this.#entries.push({ by, pid, news });
  }

  /** That process was killed: it settles nothing any more. */
  killed(pid: number): void {
    this.#killed.add(pid);
  }

  /** Whom somebody thought dead at some time, and why: `a>e silent`. */
  deaths(): string[] {
    return this.thoughts("dead");
  }

  /** Who thought so of whom, and why, once each: `a>e silent`. */
  thoughts(state: string): string[] {
    const thoughts = this.#entries.flatMap(({ by, news }) =>
      news.kind === "state" && news.state === state ? [`${by}>${news.peer} ${news.reason}`] : [],
    );
    return [...new Set(thoughts)].sort();
  }

  /** Who has told of a partition. */
  tellers(): string[] {
    const told = this.#entries.filter(({ news }) => news.kind === "detected");
    return [...new Set(told.map(({ by }) => by))].sort();
  }

  /** How many calls settled so, of those made that way. */
  settled(way: Way): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { outcome, way: its } of this.#calls()) {
      if (outcome !== undefined && its === way) counts[outcome] = (counts[outcome] ?? 0) + 1;
    }
    return counts;
  }

  /** What must not happen to calls, whatever the weather: none of it, if all is well. */
  wrongs(): string[] {
    return this.#calls().flatMap((call) => {
      const { id, way, outcome, runs } = call;
      return wrongsOf(call).map((wrong) => `${way} call ${id} ${wrong} (${outcome}; ${runs})`);
    });
  }

  #calls(): Call[] {
    const outcomes = new Map<string, string>();
    const runs = new Map<string, string[]>();
    const overdue = new Set<string>();
    for (const { by, pid, news } of this.#entries) {
      if (news.kind === "settled") outcomes.set(news.id, news.outcome);
      else if (news.kind === "ran")
        runs.set(news.id, [...(runs.get(news.id) ?? []), `${by}.${pid}`]);
      else if (news.kind === "overdue") overdue.add(news.id);
    }
    return this.#entries.flatMap(({ pid, news }) => {
      if (news.kind !== "called" || this.#killed.has(pid)) return [];
      const { id, way } = news;
      const isOverdue = overdue.has(id);
      return [{ id, way, isOverdue, outcome: outcomes.get(id), runs: runs.get(id) ?? [] }];
    });
  }
}

function wrongsOf({ way, outcome, isOverdue, runs }: Call): string[] {
  const isRepeated = new Set(runs).size < runs.length;
  const wrongs = [
    outcome === undefined && "has not settled",
    isOverdue && "settled after its deadline",
    outcome === "WRONG_ANSWER" && "got somebody else's answer",
    outcome === "ok" && runs.length === 0 && "was answered and never ran",
    // A process that was killed has lost its ledger: the next one under its id may run a call once more.
    way === "repeated" && isRepeated && "ran twice in one process",
    (way === "plain" || way === "keyed") && runs.length > 1 && "ran twice",
    outcome !== undefined && !/^(ok|[A-Z_]+)$/.test(outcome) && "failed outside the family",
  ];
  return wrongs.filter((wrong) => wrong !== false);
}
