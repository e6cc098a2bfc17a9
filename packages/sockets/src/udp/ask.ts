import { abortable, type Clock, NetworkTimeoutError, sleep, withoutMapping } from "@net/core";
import { positiveTime, wholeNumber } from "../validate.ts";
import type { Datagram } from "./datagram.ts";
import type { RequestOptions } from "./options.ts";

const DEFAULT_RETRIES = 2;
const DEFAULT_TIMEOUT = 1_000;

/** How long and how often to ask. */
export interface Asking {
  readonly retries: number;
  readonly timeout: number;
  readonly clock: Clock;
  readonly signal: AbortSignal | undefined;
}

/** @throws ValidationError naming the option that is out of range. */
export function askingOf(options: RequestOptions, clock: Clock): Asking {
  const retries = wholeNumber("retries", options.retries ?? DEFAULT_RETRIES);
  const timeout = positiveTime("timeout", options.timeout ?? DEFAULT_TIMEOUT);
  return { retries, timeout, clock, signal: options.signal };
}

/**
 * Sends until the answer is there.
 *
 * @param to whom it asks, for the error.
 * @throws NetworkTimeoutError (`call`) when no answer came to any of them; what `send` throws; AbortedError.
 */
export async function ask(
  send: () => Promise<void>,
  answer: Promise<Datagram>,
  asking: Asking,
  to: string,
): Promise<Datagram> {
  const { retries, timeout, signal } = asking;
  for (let sent = 0; sent <= retries; sent++) {
    await abortable(send(), signal);
    const answered = await within(answer, asking);
    if (answered) return answered;
  }
  const timeoutMs = (retries + 1) * timeout;
  const message = `no answer came from ${to} within ${timeoutMs} ms`;
  throw new NetworkTimeoutError(message, { kind: "call", timeoutMs });
}

/** The answer, or undefined if none comes in time. */
async function within(
  answer: Promise<Datagram>,
  { timeout, clock, signal }: Asking,
): Promise<Datagram | undefined> {
  const over = new AbortController();
  const waiting = sleep(timeout, { signal: over.signal, clock });
  try {
    return await abortable(Promise.race([answer, waiting.then(() => undefined)]), signal);
  } finally {
    waiting.catch(() => {});
    over.abort();
  }
}

/** Whether a datagram comes from there and is accepted. */
export function isAnswerFrom(
  address: string,
  port: number,
  accepts: RequestOptions["isAnswer"] = () => true,
): (datagram: Datagram) => boolean {
  const host = withoutMapping(address);
  return (datagram) => datagram.host === host && datagram.port === port && accepts(datagram);
}
