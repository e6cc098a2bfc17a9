import { NetworkError, ValidationError } from "@net/core";
import type { Channel } from "./channel.ts";
import { isName } from "./wire/decode.ts";
import { byteLength } from "./wire/encode.ts";
import { ENVELOPE_BYTES, MAX_NAME_LENGTH } from "./wire/limits.ts";

// What holds for a request and for its answer alike.

/** @throws ValidationError `FRAME_TOO_LARGE` */
export function assertFits(envelope: string, { maxFrameBytes }: Channel): void {
  const bytes = byteLength(envelope);
  if (bytes + ENVELOPE_BYTES <= maxFrameBytes) return;
  throw new ValidationError(`${bytes} bytes do not fit a frame of ${maxFrameBytes}`, {
    code: "FRAME_TOO_LARGE",
  });
}

/** @throws ValidationError */
export function checkedMethod(method: string): string {
  if (isName(method)) return method;
  throw new ValidationError(`a method's name must have 1 to ${MAX_NAME_LENGTH} characters`);
}

export function unknownOutcome(): NetworkError {
  return new NetworkError("OUTCOME_UNKNOWN", "the link ended before the answer came");
}
