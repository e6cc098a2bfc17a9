/** 128 random bits in base64url (RFC 4648 §5), 22 characters: no two ever made are the same. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const text = btoa(String.fromCharCode(...bytes));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/**
 * Names for messages, unique as random ones are: randomness is drawn once per maker, and a counter does the rest,
 * which costs a twentieth. The counter comes first: two names differ at once, where they are compared.
 */
export function messageIds(): () => string {
  let maker: string | undefined;
  let count = 0;
  return () => {
    maker ??= randomId();
    return `${(++count).toString(36)}.${maker}`;
  };
}
