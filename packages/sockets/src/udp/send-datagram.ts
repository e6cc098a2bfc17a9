import { isIP } from "node:net";
import { ValidationError } from "@net/core";
import { bytesOf } from "../message-bytes.ts";
import type { BoundSocket } from "./bind.ts";
import { MAX_DATAGRAM_BYTES } from "./datagram.ts";
import { sendError } from "./send-error.ts";

/** The bytes of a message, text as UTF-8. @throws ValidationError, over the limit with `FRAME_TOO_LARGE`. */
export function datagramOf(message: string | Uint8Array): Uint8Array {
  const bytes = bytesOf(message);
  if (bytes.byteLength <= MAX_DATAGRAM_BYTES) return bytes;
  throw new ValidationError(
    `a message of ${bytes.byteLength} bytes does not fit a datagram: at most ${MAX_DATAGRAM_BYTES}`,
    { code: "FRAME_TOO_LARGE" },
  );
}

/** Resolves when the system took it. @throws NetworkError saying why it could not. */
export async function sendDatagram(
  { socket, family, host, port: from }: BoundSocket,
  bytes: Uint8Array,
  address: string,
  port: number,
): Promise<void> {
  if (isIP(address) === 6 && family === 4) {
    throw new ValidationError(`${address} is IPv6; open the UDPClient with host "::" or "::1"`);
  }
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  socket.send(bytes, port, reachable(address, family), (error) => {
    if (error) reject(sendError(error, `${address} port ${port}`, `${host} port ${from}`));
    else resolve();
  });
  await promise;
}

/** An IPv6 socket reaches IPv4 by mapped addresses (RFC 4291 §2.5.5.2). */
function reachable(address: string, family: 4 | 6): string {
  return family === 6 && isIP(address) === 4 ? `::ffff:${address}` : address;
}
