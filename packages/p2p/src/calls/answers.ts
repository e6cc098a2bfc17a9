import { type Logger, NetworkError, OverloadedError, toNetworkError } from "@net/core";
import { CHUNK_BYTES } from "@net/qos";
import type { Channel } from "../channel/channel.ts";
import { failure, type Outcome } from "../tools/outcome.ts";
import { EndKind, encodeFailure, encodeValue } from "../wire/calls.ts";

/** How urgent answers are. */
export const RESULT = "tool-result";

/** So much waits of answers for one caller before it gets no more calls in: it takes what it asks for too slowly, */
const BEHIND_ANSWERS = 1_024;
const BEHIND_BYTES: number = 16 * 1024 * 1024;
/** and who goes on asking until so many wait has no use for them: its channel ends. */
const MAX_ANSWERS: number = 8 * BEHIND_ANSWERS;

/** An answer to one call. */
export interface Answer {
  readonly channel: Channel;
  readonly call: number;
  readonly outcome: Outcome;
  /** Default {@link RESULT}. */
  readonly type?: string | undefined;
}

interface Backlog {
  answers: number;
  bytes: number;
}

/**
 * Answers calls: at once, or when there is room for the answer, however long that takes. None is left out while its caller is
 * there and wants it.
 */
export class Answers {
  readonly #logger: Logger;
  /** Of channels on which something waits. */
  readonly #backlogs = new Map<Channel, Backlog>();

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** @throws OverloadedError while too many answers wait for the caller at that end. */
  assertKeepsUp(channel: Channel): void {
    const backlog = this.#backlogs.get(channel);
    if (!backlog) return;
    const { answers, bytes } = backlog;
    if (answers < BEHIND_ANSWERS && bytes < BEHIND_BYTES) return;
    throw new OverloadedError(`${answers} answers, ${bytes} bytes, wait for ${channel.peerId}`);
  }

  send(answer: Answer): void {
    const { channel, call, outcome, type = RESULT } = answer;
    const message = encode(call, outcome);
    if (channel.isQueueing || message.byteLength > CHUNK_BYTES) {
      void this.#sendLater(answer, message);
      return;
    }
    try {
      channel.offer(message, type);
    } catch (error) {
      this.unsent(channel, error);
    }
  }

  /** Something of a call could not be sent. @throws what is not of our errors. */
  unsent({ peerId }: Channel, error: unknown): void {
    if (!NetworkError.is(error)) throw error;
    this.#logger.debug({ peerId, error }, "a message of a call was not sent");
  }

  async #sendLater(answer: Answer, message: Uint8Array): Promise<void> {
    const { channel } = answer;
    const backlog = this.#backlog(channel);
    backlog.answers += 1;
    backlog.bytes += message.byteLength;
    if (backlog.answers > MAX_ANSWERS) this.#end(channel);
    try {
      await this.#sendPatiently(answer, message);
    } catch (error) {
      this.unsent(channel, error);
    } finally {
      backlog.answers -= 1;
      backlog.bytes -= message.byteLength;
      if (backlog.answers === 0) this.#backlogs.delete(channel);
    }
  }

  async #sendPatiently(answer: Answer, message: Uint8Array): Promise<void> {
    const { channel, call, outcome, type = RESULT } = answer;
    try {
      await channel.send(message, type, { patient: true, refusable: false });
    } catch (error) {
      if (!NetworkError.is(error, "FRAME_TOO_LARGE")) throw error;
      const instead = failure("failed", error);
      if (outcome.ok)
        await this.#sendPatiently({ ...answer, outcome: instead }, encode(call, instead));
    }
  }

  #backlog(channel: Channel): Backlog {
    const known = this.#backlogs.get(channel);
    if (known) return known;
    const backlog = { answers: 0, bytes: 0 };
    this.#backlogs.set(channel, backlog);
    return backlog;
  }

  #end(channel: Channel): void {
    const message = `${MAX_ANSWERS} answers wait for this peer, which asks on`;
    if (channel.isOpen) channel.abort({ code: "overloaded", message });
  }
}

/** A result that cannot travel is a failure: the caller gets to know that much. */
function encode(call: number, outcome: Outcome): Uint8Array {
  if (!outcome.ok) return encodeFailure(call, outcome.fate !== "not-run", outcome.error);
  try {
    return encodeValue(EndKind.result, call, outcome.value);
  } catch (error) {
    return encodeFailure(call, true, toNetworkError(error));
  }
}
