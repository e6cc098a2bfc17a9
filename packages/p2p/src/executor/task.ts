import { type AbortScope, NetworkError, ValidationError } from "@net/core";
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

const failovers: readonly unknown[] = [undefined, "not-run", "unknown"];

/** Checks what TypeScript cannot. @throws ValidationError */
export function assertExecuteOptions({ idempotencyKey, failover }: ExecuteOptions): void {
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
