import { type PortResult, scan } from "@net/sockets";

/** All that a scan finds. */
export async function scanAll(...args: Parameters<typeof scan>): Promise<PortResult[]> {
  const results: PortResult[] = [];
  for await (const result of scan(...args)) results.push(result);
  return results;
}
