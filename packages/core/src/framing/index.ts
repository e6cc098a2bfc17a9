/**
 * `@net/core/framing`: a duplex byte stream becomes a link. For Node.
 *
 * @module
 */

export { frameLink } from "./link.ts";
