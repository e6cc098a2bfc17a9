/**
 * `@net/server`: accounts, friends, agents, and messages that wait for whoever is offline.
 *
 * @module
 */

export type { Agent } from "./agents/agent.ts";
export { closeCodes } from "./delivery/close-codes.ts";
export type { Rate } from "./limits/rate-limiter.ts";
export { type Message, type MessageType, messageTypes } from "./messages/message.ts";
export type { ServerLimits, ServerOptions } from "./options.ts";
export { createServer, type NetworkServer } from "./server.ts";
export type { User } from "./store/store.ts";
