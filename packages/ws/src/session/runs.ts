import type { WaitingMessage } from "./store/store.ts";

/** How much may be said at once, in bytes of bodies and what separates them: in a message, and in a run of them. */
export interface RunLimits {
  readonly message: number;
  readonly run: number;
}

/**
 * Where the run ends that begins at `start`: messages never offered before, with ids made one after the other. One
 * message at least, whatever it is; those that are too large are alone.
 */
export function endOfRun(
  messages: readonly WaitingMessage[],
  start: number,
  limits: RunLimits,
): number {
  const first = messages[start] as WaitingMessage;
  let left = limits.run - first.bytes - 1;
  let end = start + 1;
  for (; end < messages.length; end++) {
    const message = messages[end] as WaitingMessage;
    left -= message.bytes + 1;
    if (left < 0 || message.bytes > limits.message || !follows(message, first)) break;
  }
  return end;
}

function follows(message: WaitingMessage, first: WaitingMessage): boolean {
  if (!first.made || !message.made || first.redelivered || message.redelivered) return false;
  const isNext = message.made.count - first.made.count === message.seq - first.seq;
  return isNext && message.made.maker === first.made.maker;
}
