import type { Rng } from "@net/core";
import type { ToolCall } from "@net/p2p";
import type { History, NewCall, Question } from "./history.ts";
import type { PeerProcess } from "./peer-process.ts";
import { CHUNKS } from "./tools.ts";
import { TOPIC } from "./witness.ts";

/** How many keys each caller has: they come again. */
const KEYS = 12;
const DEADLINES: readonly number[] = [200, 3_000, 15_000];
const DURATIONS: readonly number[] = [0, 20, 400, 2_000];

/** What peers do all day, at random, and the same for the same seed. */
export class Workload {
  readonly #rng: Rng;
  readonly #history: History;
  #count = 0;

  constructor(rng: Rng, history: History) {
    this.#rng = rng;
    this.#history = history;
  }

  /** One thing that one of them does. */
  step(processes: readonly PeerProcess[]): void {
    const running = processes.filter(({ runs }) => runs);
    const from = this.#pick(running);
    const to = this.#pick(processes.filter((each) => each !== from)).id;
    const kind = this.#below(10);
    if (kind < 3) this.#call(from, to);
    else if (kind < 4) this.#cancelled(from, to);
    else if (kind < 5) this.#stream(from, to);
    else if (kind < 9) this.#execute(from);
    else this.#publish(from);
  }

  #call(from: PeerProcess, to: string): void {
    const call = this.#newCall(from, to);
    const { tool, question, deadlineMs, key: idempotencyKey } = call;
    const made = from.network.call(to, tool, question, { deadlineMs, idempotencyKey });
    this.#history.follow(call, made);
  }

  #cancelled(from: PeerProcess, to: string): void {
    const call = this.#newCall(from, to);
    const { tool, question, deadlineMs, key: idempotencyKey } = call;
    const controller = new AbortController();
    const { signal } = controller;
    this.#history.follow(
      call,
      from.network.call(to, tool, question, { deadlineMs, idempotencyKey, signal }),
    );
    from.host.setTimeout(() => controller.abort(), this.#below(1_000));
  }

  #stream(from: PeerProcess, to: string): void {
    const question = this.#question(this.#nextId(from));
    const call = { ...this.#common(from, question), tool: "count", callee: to, key: undefined };
    const made = from.network.call(to, "count", question, { deadlineMs: call.deadlineMs });
    void this.#read(made, question);
    this.#history.follow(call, made);
  }

  #execute(from: PeerProcess): void {
    const call = this.#newCall(from, undefined);
    const { tool, question, deadlineMs, key: idempotencyKey } = call;
    this.#history.follow(
      call,
      from.executor.execute(tool, question, {}, { deadlineMs, idempotencyKey }),
    );
  }

  #publish(from: PeerProcess): void {
    from.network.publish(TOPIC, this.#nextId(from));
  }

  /** Whatever comes of a stream, its chunks come in order, and all of them before the result. */
  async #read(call: ToolCall, question: Question): Promise<void> {
    let n = 0;
    try {
      for await (const chunk of call.stream) {
        const [first] = chunk as Uint8Array;
        if (first !== (question.n + n) % 256) this.#history.complain(`a chunk of ${question.id}`);
        n += 1;
      }
      if (n !== CHUNKS) this.#history.complain(`${n} chunks of ${question.id}`);
    } catch {
      // The history has it from the call.
    }
  }

  #newCall(from: PeerProcess, callee: string | undefined): NewCall {
    const tool = this.#below(3) === 0 ? "read" : "work";
    const key = this.#below(2) === 0 ? undefined : this.#key(from, callee, tool);
    const question = this.#question(key ?? this.#nextId(from));
    return { ...this.#common(from, question), tool, callee, key };
  }

  #common(
    from: PeerProcess,
    question: Question,
  ): Pick<NewCall, "caller" | "pauses" | "question" | "deadlineMs"> {
    const { name: caller, pauses } = from;
    return { caller, pauses, question, deadlineMs: this.#pick(DEADLINES) };
  }

  #key(from: PeerProcess, callee: string | undefined, tool: string): string {
    return `${from.name} ${callee ? "calls" : "executes"} ${tool} ${this.#below(KEYS)}`;
  }

  /** The same for the same id: a key is for one call, whose arguments are always the same. */
  #question(id: string): Question {
    const n = [...id].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 251, 7);
    return { id, n, takesMs: DURATIONS[n % DURATIONS.length] as number };
  }

  #nextId({ name }: PeerProcess): string {
    this.#count += 1;
    return `${name} ${this.#count}`;
  }

  #pick<T>(choices: readonly T[]): T {
    return choices[this.#below(choices.length)] as T;
  }

  #below(end: number): number {
    return Math.floor(this.#rng.next() * end);
  }
}
