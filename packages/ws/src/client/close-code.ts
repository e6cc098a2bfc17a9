import { ValidationError } from "@net/core";

/** Nobody said goodbye (RFC 6455 §7.4.1). */
export const LOST = 1006;
/** RFC 6455 §5.5.1: a control frame's 125 bytes, less two for the code. */
const MAX_REASON_BYTES = 123;

/** @throws ValidationError if a client may not say goodbye so: browsers allow no other codes either. */
export function assertSendable(code: number, reason: string): void {
  if (code !== 1000 && !(Number.isInteger(code) && code >= 3000 && code <= 4999)) {
    throw new ValidationError(`a close code is 1000, or from 3000 to 4999, not ${code}`);
  }
  if (new TextEncoder().encode(reason).length > MAX_REASON_BYTES) {
    throw new ValidationError(`a close reason has at most ${MAX_REASON_BYTES} bytes of UTF-8`);
  }
}
