/** What a message does in a conversation. */
export const messageTypes = [
  "PROPOSAL",
  "ACCEPTANCE",
  "REJECTION",
  "QUERY",
  "TASK",
  "WAIT",
  "INFORMATION",
  "THANKS",
  "DISAPPOINTMENT",
  "ERROR",
  "END",
] as const;

export type MessageType = (typeof messageTypes)[number];

/** A message to a friend's agent. */
export interface OutgoingMessage {
  /** Sending the same message twice under one id delivers it once. Up to 64 of `A–Z a–z 0–9 . : - _`. */
  readonly id: string;
  readonly recipientId: string;
  readonly recipientAgent: string;
  /** One of one's own registered agents; without it, the person writes. */
  readonly senderAgent?: string | undefined;
  readonly type: MessageType;
  /** At most 64 KiB of UTF-8. */
  readonly text: string;
}

/** A text message, with defaults for what is seldom said. */
export interface TextMessage extends Omit<OutgoingMessage, "id" | "type"> {
  /** Default: a new random one. */
  readonly id?: string | undefined;
  /** Default `INFORMATION`. */
  readonly type?: MessageType | undefined;
}

/** The server has stored the message: it will be delivered, also after a crash. */
export interface Receipt {
  readonly id: string;
  readonly sentAtMs: number;
}

/** A message as the server delivers it. */
export interface Message {
  /** The sender's. */
  readonly id: string;
  /** As the server knows the sender: nobody can write in another's name. */
  readonly from: {
    readonly userId: string;
    readonly username: string;
    /** Absent if the person wrote. */
    readonly agent?: string;
  };
  readonly to: { readonly agent: string };
  readonly type: MessageType;
  readonly text: string;
  readonly sentAtMs: number;
}

/** A message from the inbox. Until it is acknowledged it comes again after a reconnection or a restart. */
export interface Received extends Message {
  /** 1, 2, 3, … in the user's inbox. */
  readonly seq: number;
  /**
   * Says that this message, and all before it, were processed: they do not come again. Without a connection it is
   * told with the next one. Never rejects.
   */
  ack(): Promise<void>;
}
