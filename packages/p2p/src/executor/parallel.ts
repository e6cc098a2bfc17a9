import { isRecord } from "@net/core";
import { assertName, invalid } from "../names.ts";
import type { ParallelRequest } from "./execution.ts";

/** Checks what TypeScript cannot, of all together. @throws ValidationError */
export function assertRequests(requests: readonly ParallelRequest[]): readonly ParallelRequest[] {
  if (Array.isArray(requests)) return requests;
  throw invalid("the requests", "a list of { toolName, params }");
}

/** The same of one of them. @throws ValidationError */
export function assertRequest(request: ParallelRequest, index: number): ParallelRequest {
  const what = `requests[${index}]`;
  if (!isRecord(request)) throw invalid(what, "an object, as { toolName, params }");
  assertName(request.toolName, `${what}.toolName`);
  return request;
}

/**
 * Maps over items with at most `concurrency` at work at the same time; results keep the items' order.
 *
 * @param work must not reject.
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await work(item, index);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}
