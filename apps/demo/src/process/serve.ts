import { toNetworkError } from "@net/core";
import type { Methods, Notice, Request, Response } from "./protocol.ts";

/**
 * Answers the coordinator's calls, and ends this process as soon as the coordinator is gone: the channel closes
 * even when it is killed.
 */
export function serve<M extends Methods<M>>(methods: M): void {
  process.on("disconnect", () => process.exit());
  // Ctrl-C reaches every process of the terminal; the coordinator decides when we end.
  process.on("SIGINT", () => {});
  process.on("message", (message) => void answer(methods, message as Request));
}

/** Tells the coordinator of something it did not ask for. */
export function notify(name: string, data: unknown): void {
  send({ kind: "notice", name, data });
}

async function answer<M extends Methods<M>>(methods: M, request: Request): Promise<void> {
  const { id, method, params } = request;
  try {
    const run = methods[method as keyof M] as unknown as (params: unknown) => unknown;
    send({ kind: "response", id, value: await run(params) });
  } catch (error) {
    send({ kind: "response", id, error: toNetworkError(error).toJSON() });
  }
}

function send(message: Response | Notice): void {
  if (process.connected) process.send?.(message);
}
