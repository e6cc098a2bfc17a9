/** 128 random bits in hexadecimal digits: no two ever made are the same. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * Names for messages, unique as random ones are: randomness is drawn once per maker, and a counter does the rest,
 * which costs a twentieth.
 */
export function messageIds(): () => string {
  let prefix: string | undefined;
  let count = 0;
  return () => {
    prefix ??= randomId();
    return `${prefix}.${(++count).toString(36)}`;
  };
}
