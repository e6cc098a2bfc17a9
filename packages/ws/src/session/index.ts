/**
 * `@net/ws/session`: lossless two-way delivery over links that come and go. Runs in browsers. The durable store, for
 * Node, is in `@net/ws/sqlite`; the wire is written down in PROTOCOL.md.
 *
 * @module
 */

export type { RequestHandler, RequestOptions } from "./calls.ts";
export { type SessionOptions, session, type TokenContext } from "./client-session.ts";
export type { Delivery } from "./delivery.ts";
export type { ExchangeOptions } from "./options.ts";
export type { PublishOptions } from "./publications.ts";
export type { Session, SessionEvents, SessionState, SessionWelcome } from "./session.ts";
export {
  type AcceptSessionsOptions,
  acceptSessions,
  type SessionServer,
} from "./session-server.ts";
export { memorySessionStore } from "./store/memory.ts";
export {
  type NewMessage,
  type OfferLimit,
  type Progress,
  REMEMBERED_IDS,
  type SessionStore,
  type StoredSession,
  type WaitingMessage,
} from "./store/store.ts";
export type { Admission, Authenticate, Visitor } from "./visitor.ts";
