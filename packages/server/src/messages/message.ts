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

/** A message as it is delivered. Everything but `id`, `type` and `text` was checked or set by the server. */
export interface Message {
  /** Chosen by the sender; unique among that sender's messages. */
  readonly id: string;
  readonly from: {
    readonly userId: string;
    readonly username: string;
    /** The sender's agent; absent if the person wrote. */
    readonly agent?: string;
  };
  readonly to: { readonly agent: string };
  readonly type: MessageType;
  readonly text: string;
  readonly sentAtMs: number;
}

/** A message on its way into the store. */
export interface NewMessage {
  readonly id: string;
  readonly senderId: string;
  readonly senderAgent: string | undefined;
  readonly recipientId: string;
  readonly recipientAgent: string;
  readonly type: MessageType;
  readonly text: string;
  readonly sentAtMs: number;
}

/** A message in its recipient's inbox. */
export interface InboxRow {
  /** 1, 2, 3, … for each recipient, without a gap. */
  readonly seq: number;
  readonly message: Message;
}
