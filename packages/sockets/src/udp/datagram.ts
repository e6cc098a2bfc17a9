/** One UDP packet that arrived. */
export interface Datagram {
  readonly data: Uint8Array;
  /** Who sent it, or claims to have: UDP sources can be forged. */
  readonly host: string;
  readonly port: number;
}

/** The most that one datagram carries over IPv4: 65,535 bytes less the IP and UDP headers (RFC 768). */
export const MAX_DATAGRAM_BYTES: number = 65_507;
