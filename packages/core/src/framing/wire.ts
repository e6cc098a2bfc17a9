import { ProtocolError } from "../errors/kinds.ts";
import { isRecord } from "../json.ts";
import { cutCloseMessage } from "../link/close-message.ts";
import { saidCloseCodes } from "../link/close-reason.ts";
import type { CloseCode, CloseReason } from "../link/transport.ts";

// One frame on a byte stream: a type byte, the payload's length as an unsigned 32-bit big-endian number, the
// payload. TCP and SSH have no close codes, so a close is a frame too; its payload is JSON {code, message}.

export const HEADER_BYTES = 5;
/** A close frame's payload: a code and a sentence. More is a violation. */
export const MAX_CLOSE_BYTES = 1024;

export const FrameType: { readonly data: 0; readonly close: 1 } = { data: 0, close: 1 };

export function writeHeader(target: Buffer, offset: number, type: number, length: number): void {
  target[offset] = type;
  target.writeUInt32BE(length, offset + 1);
}

const closeCodes: ReadonlySet<string> = new Set(saidCloseCodes);

export function encodeClose({ code, message }: CloseReason): Buffer {
  const payload = Buffer.from(JSON.stringify({ code, message }));
  const frame = Buffer.alloc(HEADER_BYTES + payload.length);
  writeHeader(frame, 0, FrameType.close, payload.length);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

/** A close from a stranger: an unknown code is `normal`, and the message is cut. */
export function decodeClose(payload: Uint8Array): CloseReason {
  const { code, message } = parse(payload);
  return {
    code: closeCodes.has(code as string) ? (code as CloseCode) : "normal",
    message: typeof message === "string" ? cutCloseMessage(message) : "",
    remote: true,
  };
}

function parse(payload: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload).toString());
    if (isRecord(value)) return value;
  } catch (cause) {
    throw new ProtocolError("a close frame is not JSON", { cause });
  }
  throw new ProtocolError("a close frame is no JSON object");
}
