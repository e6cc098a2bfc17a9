import type { ConnectionOptions, TlsOptions } from "node:tls";

/** How a client makes a connection secure: Node's names and meanings. The system's authorities are trusted by default. */
export type TLSClientOptions = Pick<
  ConnectionOptions,
  | "ALPNProtocols"
  | "ca"
  | "cert"
  | "key"
  | "minVersion"
  | "passphrase"
  | "rejectUnauthorized"
  | "servername"
>;

/** What a server shows to its clients: Node's names and meanings. `key` and `cert` are needed. */
export type TLSServerOptions = Pick<
  TlsOptions,
  | "ALPNProtocols"
  | "ca"
  | "cert"
  | "key"
  | "minVersion"
  | "passphrase"
  | "rejectUnauthorized"
  | "requestCert"
>;
