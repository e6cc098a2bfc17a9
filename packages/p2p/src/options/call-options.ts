import { isRecord, NetworkError } from "@net/core";
import { assertKnown } from "@net/core/options";
import type { Invocation } from "../calls/question.ts";
import { invalid } from "../names.ts";

/** How a tool is called; see {@link Invocation} for each. */
export type CallOptions = Omit<Invocation, "tool" | "args" | "startMs" | "onProgress" | "stream">;

const names: Readonly<Record<keyof CallOptions, true>> = {
  ...{ signal: true, deadlineMs: true, limit: true, idempotencyKey: true, context: true },
  priority: true,
};
const known: ReadonlySet<string> = new Set(Object.keys(names));
const priorities: readonly unknown[] = [undefined, "high", "normal", "low"];

/** What is wrong with the options of a call, beside what is seen where it is sent. Asked for every call, so it is quick. */
export function refusedCall(options: CallOptions): NetworkError | undefined {
  try {
    assertCallOptions(options);
    return undefined;
  } catch (error) {
    if (NetworkError.is(error)) return error;
    throw error;
  }
}

function assertCallOptions(options: CallOptions): void {
  if (!isRecord(options)) throw invalid("the options of a call", "an object");
  for (const name in options) if (!known.has(name)) assertKnown(options, names, "a call");
  const { signal, priority } = options;
  if (!priorities.includes(priority)) {
    throw invalid("the priority of a call", '"high", "normal" or "low"');
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw invalid("the signal of a call", "an AbortSignal");
  }
}
