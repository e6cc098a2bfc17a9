/**
 * `@net/ws/session`: lossless two-way delivery over links that come and go. Runs in browsers. The durable store, for
 * Node, is in `@net/ws/sqlite`; the wire is written down in PROTOCOL.md.
 *
 * @module
 */

export type { RequestHandler } from "./answers.ts";
export type { RequestOptions } from "./calls.ts";
export { session } from "./client/client-session.ts";
export type { SessionOptions, TokenContext, TokenSource } from "./client/options.ts";
export type { Delivery } from "./delivery.ts";
export type { MadeId } from "./message-ids.ts";
export type { ExchangeOptions } from "./options.ts";
export type { PublishOptions } from "./publications.ts";
export { acceptSessions } from "./server/accept-sessions.ts";
export type {
  AcceptSessionsOptions,
  DrainOptions,
  DrainProgress,
  SessionServer,
} from "./server/options.ts";
export type { Admission, Authenticate, Visitor } from "./server/visitor.ts";
export type { Session, SessionEvents, SessionState, SessionWelcome } from "./session.ts";
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
