import type { Message } from "../socket/socket.ts";

/** What a waiting message weighs beside its content, so that empty ones are not free. */
const OVERHEAD_BYTES = 64;

/** What a message weighs in a queue: its bytes, or the UTF-16 units of a text, and a little. */
export function sizeOf(message: Message): number {
  return message.length + OVERHEAD_BYTES;
}
