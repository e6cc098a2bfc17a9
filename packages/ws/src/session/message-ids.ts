/** 128 random bits in base64url (RFC 4648 §5), 22 characters: no two ever made are the same. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** A message's id that was made here, and is no other message's. */
export interface MadeId {
  /** Random, the same for all ids that one maker makes. */
  readonly maker: string;
  /** From 1, without gaps. */
  readonly count: number;
}

/**
 * Ids for messages, unique as random ones are: randomness is drawn once per maker, and a counter does the rest,
 * which costs a twentieth.
 */
export function messageIds(): () => MadeId {
  let maker: string | undefined;
  let count = 0;
  return () => {
    maker ??= randomId();
    return { maker, count: ++count };
  };
}

/** As text, as PROTOCOL.md has it. The counter comes first: two ids differ at once, where they are compared. */
export function madeId(maker: string, count: number): string {
  return `${count}.${maker}`;
}
