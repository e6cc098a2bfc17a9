import { ValidationError } from "@net/core";
import { type Rules, readElsewhere } from "@net/core/options";

/** Of the options of framings with a limit. */
export const framingRules: Rules<{ readonly maxBytes?: number | undefined }> = {
  maxBytes: readElsewhere,
};

/** @throws ValidationError `FRAME_TOO_LARGE` */
export function assertFits(message: Uint8Array, maxBytes: number): void {
  if (message.byteLength <= maxBytes) return;
  throw new ValidationError(
    `a message of ${message.byteLength} bytes is over the limit of ${maxBytes} (maxBytes)`,
    { code: "FRAME_TOO_LARGE" },
  );
}
