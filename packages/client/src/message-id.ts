const ID_BYTES = 16;

/** 128 random bits in hexadecimal. `crypto.randomUUID` is missing in pages that came by plain HTTP. */
export function newMessageId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_BYTES));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
