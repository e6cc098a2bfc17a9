/** Text in PEM, or its bytes; several in a row, or in an array. */
export type PEM = string | Uint8Array | readonly (string | Uint8Array)[];

/** How a connection is made secure: Node's names and meanings. Not in browsers, which have their own settings. */
export interface TLSOptions {
  /** Whom to trust, in place of the authorities that Node knows. */
  readonly ca?: PEM | undefined;
  /** What this side shows, where the server asks who we are: its certificate, */
  readonly cert?: PEM | undefined;
  /** and the private key of that. */
  readonly key?: PEM | undefined;
  /** Of the private key. */
  readonly passphrase?: string | undefined;
  /** The name the certificate must have, where it is not the host of the URL. */
  readonly servername?: string | undefined;
  /** Default TLSv1.2. */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
  /** Default true. False encrypts without knowing to whom: somebody in between can read and change everything. */
  readonly rejectUnauthorized?: boolean | undefined;
}
