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
  readonly by: string;
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

  /** Who gave up whom at some time: `ae` if a did e. @param reason only for that reason. */
  deaths(reason?: string): string[] {
    const deaths = this.#entries.flatMap(({ by, news }) => {
      if (news.kind !== "state" || news.state !== "dead") return [];
      return reason === undefined || news.reason === reason ? [`${by}${news.peer}`] : [];
    });
    return [...new Set(deaths)].sort();
  }

  /** Who has told of a partition. */
  tellers(): string[] {
    const told = this.#entries.filter(({ news }) => news.kind === "detected");
    return [...new Set(told.map(({ by }) => by))].sort();
  }

  /** How many calls were answered. */
  get answered(): number {
    return this.#calls().filter(({ outcome }) => outcome === "ok").length;
  }

  /** The calls of these peers, made that way, that failed. */
  failures(way: Way, by: string): string[] {
    const calls = this.#calls().filter((call) => call.way === way && by.includes(call.by));
    return calls.flatMap(({ id, outcome }) => (outcome === "ok" ? [] : [`${id} ${outcome}`]));
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
    return this.#entries.flatMap(({ by, pid, news }) => {
      if (news.kind !== "called" || this.#killed.has(pid)) return [];
      const { id, way } = news;
      const isOverdue = overdue.has(id);
      return [{ id, by, way, isOverdue, outcome: outcomes.get(id), runs: runs.get(id) ?? [] }];
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
