import { type AbortScope, isRecord, NetworkError, ValidationError } from "@net/core";
import { assertKnown } from "@net/core/options";
import { assertName, invalid } from "../names.ts";
import type { ExecutionContext } from "../wire/calls.ts";
import type { ExecuteOptions } from "./execution.ts";

/** One execution, on its way from peer to peer. */
export interface Task {
  readonly toolName: string;
  readonly params: unknown;
  readonly context: ExecutionContext;
  readonly options: ExecuteOptions;
  readonly limit: AbortScope;
}

const names: Readonly<Record<keyof ExecuteOptions, true>> = {
  ...{ preferLocal: true, requiredCapabilities: true, signal: true, deadlineMs: true },
  ...{ idempotencyKey: true, failover: true, hedge: true, onProgress: true, onChunk: true },
};
const known: ReadonlySet<string> = new Set(Object.keys(names));
const failovers: readonly unknown[] = [undefined, "not-run", "unknown"];

/** Checks that there is one; what is in it is checked where it is sent. @throws ValidationError */
export function assertContext(context: ExecutionContext): void {
  if (!isRecord(context)) throw invalid("the context of an execution", "an object");
}

/** Checks what TypeScript cannot. Asked for every execution, so it is quick. @throws ValidationError */
export function assertExecuteOptions(options: ExecuteOptions): void {
  if (!isRecord(options)) throw invalid("the options of an execution", "an object");
  for (const name in options) if (!known.has(name)) assertKnown(options, names, "an execution");
  const { idempotencyKey, failover } = options;
  if (idempotencyKey !== undefined) assertName(idempotencyKey, "idempotencyKey");
  if (!failovers.includes(failover)) throw invalid("failover", '"not-run" or "unknown"');
  if (failover === "unknown" && idempotencyKey === undefined) {
    throw new ValidationError('failover: "unknown" needs an idempotencyKey');
  }
}

/** Nobody is left to be asked, or there was nobody. */
export function nobody({ toolName, options }: Task): NetworkError {
  const { requiredCapabilities = [] } = options;
  const having =
    requiredCapabilities.length > 0 ? ` and has ${requiredCapabilities.join(", ")}` : "";
  return new NetworkError(
    "TOOL_NOT_FOUND",
    `no peer that can be reached offers ${toolName}${having}`,
  );
}
