// What ws and the platforms' fetch say in words only, without a code.

/** ws: the server answered the upgrade request with an HTTP status. */
export const upgradeRefused: RegExp = /^Unexpected server response: (\d{3})$/;

/** ws: the answer to the upgrade request was none. */
export const badHandshake: RegExp =
  /^(Invalid (Sec-WebSocket|Upgrade|Connection)|Server sent (an invalid|no|a) |Server indicated an extension|Response does not match the HTTP)/;

/** ws: `handshakeTimeout`. */
export const handshakeTimedOut: RegExp = /^Opening handshake has timed out$/;

/** ws: used before it was open, or closed before that. */
export const notOpen: RegExp =
  /^(WebSocket is not open|WebSocket was closed before the connection was established)/;

/** ws's and the platforms' constructors and fetch, on an address or argument that cannot be. */
export const invalidArgument: RegExp =
  /^(Invalid URL|Failed to parse URL|Failed to construct 'WebSocket'|The URL's protocol|The URL contains a fragment|An invalid or duplicated subprotocol|Request cannot be constructed from a URL)/;

/** fetch in Node, Chromium, Firefox, Safari: no answer, or half of one. What is known more is in the cause. */
export const fetchFailed: RegExp =
  /^(fetch failed|terminated$|Failed to fetch|NetworkError when attempting to fetch resource|Load failed)/;
