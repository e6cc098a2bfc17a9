/**
 * Why the server ends a WebSocket. 4500 to 4999 are final: connecting again would end the same way. After any
 * other code a client comes back and goes on where it was.
 */
export const closeCodes = {
  /** A frame that the protocol does not allow here. Final as well, as RFC 6455 means it. */
  protocolError: 1002,
  internalError: 1011,
  /** The server stops, and may start again. */
  restart: 1012,
  /** No `hello` in time. */
  helloTimeout: 4000,
  /** The token is unknown or expired, or its session was logged out. */
  unauthorized: 4500,
  /** The same device connected again: the newest connection is the one that counts. */
  replaced: 4501,
} as const;

export type DeliveryCloseCode = (typeof closeCodes)[keyof typeof closeCodes];
