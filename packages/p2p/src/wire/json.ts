import { ProtocolError } from "@net/core";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws ProtocolError if the bytes are no JSON. */
export function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch (cause) {
    throw new ProtocolError(`${what} is no JSON`, { cause });
  }
}
