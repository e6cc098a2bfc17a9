import type { JsonObject } from "@net/core";
import type { World } from "./world.ts";

/** What a step saw: measured facts for the report, and a sentence of them for people. */
export interface Seen {
  readonly facts: JsonObject;
  readonly words: string;
  /** More lines under the sentence, a drawing for instance. */
  readonly lines?: readonly string[];
}

/** One thing that the tour does and checks. It throws when what it saw is not what was promised. */
export interface Step {
  /** For the report and for messages. */
  readonly name: string;
  /** For people. */
  readonly title: string;
  readonly run: (world: World, signal: AbortSignal) => Promise<Seen>;
}

/** How a step went. */
export interface StepResult {
  readonly name: string;
  readonly title: string;
  readonly ok: boolean;
  readonly durationMs: number;
  readonly seen?: Seen;
  readonly error?: string;
}
