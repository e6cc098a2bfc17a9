import { type Clock, NetworkError, OverloadedError, ValidationError } from "@net/core";
import type { WakeUps } from "../delivery/wake-ups.ts";
import type { Friends } from "../friends/friends.ts";
import type { AddOutcome, Store, User } from "../store/store.ts";
import type { MessageType } from "./message.ts";

/** The longest text, in bytes of UTF-8. What is larger is a file, not a message. */
export const MAX_TEXT_BYTES: number = 64 * 1024;

/** A message as its sender writes it. */
export interface Draft {
  readonly id: string;
  readonly from?: { readonly agent: string };
  readonly to: { readonly agent: string };
  readonly type: MessageType;
  readonly text: string;
}

/** The server's word that the message is stored and will be delivered. */
export interface Receipt {
  readonly sentAtMs: number;
  /** False if the same message had been sent before. */
  readonly isNew: boolean;
}

/** Takes messages in. Once `send` resolves, the message survives a crash and waits for its recipient. */
export class Messages {
  readonly #store: Store;
  readonly #friends: Friends;
  readonly #wakeUps: WakeUps;
  readonly #clock: Clock;

  constructor(store: Store, friends: Friends, wakeUps: WakeUps, clock: Clock) {
    this.#store = store;
    this.#friends = friends;
    this.#wakeUps = wakeUps;
    this.#clock = clock;
  }

  /**
   * Sending the same message twice stores it once.
   *
   * @throws NetworkError `NOT_FOUND` if `friendId` is no friend's, or one of the agents is not registered;
   * `CONFLICT` if the sender used the id for another message. ValidationError if the text is too long.
   * OverloadedError if too many unread messages wait for the recipient.
   */
  async send(sender: User, friendId: string, draft: Draft): Promise<Receipt> {
    checkText(draft.text);
    await this.#friends.require(sender, friendId);
    await this.#requireAgents(sender, friendId, draft);
    const outcome = await this.#store.messages.add({
      id: draft.id,
      senderId: sender.id,
      senderAgent: draft.from?.agent,
      recipientId: friendId,
      recipientAgent: draft.to.agent,
      type: draft.type,
      text: draft.text,
      sentAtMs: this.#clock.nowMs(),
    });
    if (outcome.kind === "stored") this.#wakeUps.wake(friendId);
    return receipt(outcome, draft.id);
  }

  async #requireAgents(sender: User, friendId: string, { from, to }: Draft): Promise<void> {
    const { agents } = this.#store;
    if (!(await agents.has(friendId, to.agent))) {
      throw new NetworkError("NOT_FOUND", `that friend has no agent named ${to.agent}`);
    }
    if (from && !(await agents.has(sender.id, from.agent))) {
      throw new NetworkError(
        "NOT_FOUND",
        `you have no agent named ${from.agent}: register it first`,
      );
    }
  }
}

function checkText(text: string): void {
  if (!text.isWellFormed()) {
    throw new ValidationError("the text holds half a character (a lone surrogate)");
  }
  const bytes = Buffer.byteLength(text);
  if (bytes <= MAX_TEXT_BYTES) return;
  throw new ValidationError(`a text has at most ${MAX_TEXT_BYTES} bytes, not ${bytes}`, {
    code: "FRAME_TOO_LARGE",
  });
}

function receipt(outcome: AddOutcome, id: string): Receipt {
  switch (outcome.kind) {
    case "stored":
      return { sentAtMs: outcome.sentAtMs, isNew: true };
    case "repeated":
      return { sentAtMs: outcome.sentAtMs, isNew: false };
    case "conflict":
      throw new NetworkError("CONFLICT", `you sent another message with the id ${id}`);
    case "full":
      throw new OverloadedError("too many unread messages wait for that friend: try again later");
  }
}
