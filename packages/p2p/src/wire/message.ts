import * as fields from "./fields.ts";
import type { Frame } from "./frame.ts";
import { decodePayload } from "./payload.ts";

/** What a message frame carries. @throws ProtocolError */
export function readMessage({ header, body }: Frame): { type: string; data: unknown } {
  return { type: fields.name(header, "type"), data: decodePayload(body) };
}
