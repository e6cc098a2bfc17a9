import { ValidationError } from "@net/core";
import { readCode } from "./code.ts";

/** Where a new device finds somebody who lets it in, and what it must know. */
export interface PairingInvitation {
  /** Where the offer listens. */
  readonly address: string;
  /** The one-time code. */
  readonly code: string;
}

const SCHEME = "net-pair:";
const MAX_LENGTH = 512;

/** The invitation as one text: to show as a QR code, or to copy. It lets a device in: show it to nobody else. */
export function formatInvitation({ address, code }: PairingInvitation): string {
  return `${SCHEME}${new URLSearchParams({ address, code })}`;
}

/** @throws ValidationError */
export function parseInvitation(text: string): PairingInvitation {
  const isOurs = text.startsWith(SCHEME) && text.length <= MAX_LENGTH;
  const fields = new URLSearchParams(isOurs ? text.slice(SCHEME.length) : "");
  const [address, code] = [fields.get("address"), fields.get("code")];
  if (address && code) return { address, code: readCode(code) };
  throw new ValidationError("this is no invitation to pair: one begins with net-pair:");
}
