/**
 * The mask of all zeros, which changes nothing. RFC 6455, 10.3: masks keep a page's script from writing bytes that a proxy on
 * the way takes for something else. Over TLS nobody on the way reads them, and a program of Node could write what it likes
 * without a WebSocket: there they cost both ends a pass over every byte, and protect nobody.
 */
export function noMask(mask: Buffer): void {
  mask.fill(0);
}

/** Whether bytes to that address cross the network encrypted. */
export function isOverTLS(url: string): boolean {
  return URL.parse(url)?.protocol === "wss:";
}
