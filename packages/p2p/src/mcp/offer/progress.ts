import { isRecord } from "@net/core";
import type { McpProgress } from "../tool-call.ts";

/** How much of what a tool tells goes into one message. */
const MAX_MESSAGE_LENGTH = 4_096;

/**
 * Tells an MCP client how far a tool is. MCP's progress is a number that grows, so what is none becomes a message with the
 * number of what was told so far, and a number that does not grow is left out.
 */
export class ProgressReport {
  readonly #notify: (progress: McpProgress) => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  #last = 0;
  #sent: Promise<void> = Promise.resolve();

  constructor(notify: (progress: McpProgress) => Promise<void>, onFault: (error: unknown) => void) {
    this.#notify = notify;
    this.#onFault = onFault;
  }

  /** What a tool told by `context.progress`, or yielded. */
  add(value: unknown): void {
    const progress = this.#toProgress(value);
    if (progress.progress <= this.#last) return;
    this.#last = progress.progress;
    // In order, and before the result. A client that is gone is no fault of the tool.
    this.#sent = this.#sent.then(() => this.#notify(progress)).catch(this.#onFault);
  }

  /** Resolves when all of it is on its way. */
  async flush(): Promise<void> {
    await this.#sent;
  }

  #toProgress(value: unknown): McpProgress {
    if (typeof value === "number") return { progress: value };
    if (!isRecord(value) || typeof value.progress !== "number") {
      return { progress: Math.floor(this.#last) + 1, message: textOf(value) };
    }
    const { progress, total, message } = value;
    return {
      progress,
      ...(typeof total === "number" && { total }),
      ...(typeof message === "string" && { message: message.slice(0, MAX_MESSAGE_LENGTH) }),
    };
  }
}

function textOf(value: unknown): string {
  const { text } = isRecord(value) ? value : {};
  const said = typeof value === "string" ? value : text;
  const shown = typeof said === "string" ? said : String(JSON.stringify(value));
  return shown.slice(0, MAX_MESSAGE_LENGTH);
}
