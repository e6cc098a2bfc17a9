/** So that the message fits a WebSocket close frame too (RFC 6455 §5.5.1: 125 bytes, two of them the code). */
const MAX_MESSAGE_BYTES = 120;

/** A close message as it travels: at most 120 bytes of UTF-8, cut between characters. */
export function cutCloseMessage(message: string): string {
  const bytes = new TextEncoder().encode(message);
  if (bytes.length <= MAX_MESSAGE_BYTES) return message;
  let end = MAX_MESSAGE_BYTES;
  while (isContinuation(bytes[end])) end--;
  return new TextDecoder().decode(bytes.subarray(0, end));
}

/** 10xxxxxx: inside a character. */
function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
