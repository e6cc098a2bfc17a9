import type { ConnectionOptions } from "node:tls";
import type { OpenSocketOptions } from "./socket.ts";
import type { TLSOptions } from "./tls-options.ts";

/** How a dialler makes a connection secure: Node's names and meanings. */
export type ClientTLSOptions = Pick<
  ConnectionOptions,
  "ca" | "cert" | "key" | "minVersion" | "passphrase" | "rejectUnauthorized"
> & {
  /** The name the certificate must have, where it is not the host of the address. */
  readonly servername?: string | undefined;
};

export interface NodeSocketOptions extends Omit<OpenSocketOptions, "tls"> {
  readonly tls?: ClientTLSOptions | TLSOptions | undefined;
}
