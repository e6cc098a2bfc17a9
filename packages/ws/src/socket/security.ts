import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { LinkSecurity } from "@net/core";

/** RFC 9266 §4.2: the exporter's label and length for `tls-exporter` channel binding. */
const LABEL = "EXPORTER-Channel-Binding";
const LENGTH_BYTES = 32;

/** What is known about who can read and change what goes over this socket. */
export function securityOf(socket: Socket | undefined): LinkSecurity {
  if (!(socket instanceof TLSSocket)) return { encrypted: false };
  // Before TLS 1.3 the exporter is not unique to the connection without further care (RFC 9266 §4.2).
  if (socket.getProtocol() !== "TLSv1.3") return { encrypted: true };
  const channelBinding = socket.exportKeyingMaterial(LENGTH_BYTES, LABEL, Buffer.alloc(0));
  return { encrypted: true, channelBinding };
}
