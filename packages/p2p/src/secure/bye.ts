import { type CloseReason, isRecord, ProtocolError, saidCloseCodes } from "@net/core";

const MAX_BYE_BYTES = 1_024;

/** Why an end leaves, as it tells the other under the seal. */
export function encodeBye({ code, message }: CloseReason): Uint8Array {
  return Buffer.from(JSON.stringify({ code, message }));
}

/** @throws ProtocolError unless it is a code that one end may say, and a short text. */
export function decodeBye(body: Uint8Array): CloseReason {
  const { code, message } = body.byteLength <= MAX_BYE_BYTES ? parse(body) : {};
  const said = saidCloseCodes.find((each) => each === code);
  if (said && typeof message === "string") return { code: said, message, remote: true };
  throw new ProtocolError("a goodbye has no reason");
}

/** Anybody on the way can end a link; what he says of it counts no more than its being lost. */
export function unsignedEnd({ code, message, remote, error }: CloseReason): CloseReason {
  if (!remote) return { code, message, remote, ...(error && { error }) };
  const heard = message === "" ? code : `${code}, ${message}`;
  return {
    code: "lost",
    message: `it ended without a signed goodbye (${heard})`,
    remote,
    ...(error && { error }),
  };
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return isRecord(value) ? value : {};
  } catch {
    return {};
  }
}
