import { ValidationError } from "@net/core";

/**
 * The bytes of a message, text as UTF-8. Not left to types alone: other views and buffers have a `byteLength` too, and
 * copying them as bytes would send what happens to lie in our memory.
 *
 * @throws ValidationError if it is neither text nor a Uint8Array.
 */
export function bytesOf(message: string | Uint8Array): Uint8Array {
  if (message instanceof Uint8Array) return message;
  if (typeof message === "string") return Buffer.from(message);
  const what = Object.prototype.toString.call(message).slice("[object ".length, -1);
  throw new ValidationError(`a message is text or a Uint8Array, not ${what}`);
}
