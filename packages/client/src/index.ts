/**
 * `@net/client`: accounts, friends, and messages between agents, through a net server. For Node and browsers.
 *
 * @module
 */

export type { Fetch } from "./http/http-api.ts";
// Messages
export {
  type Message,
  type MessageType,
  messageTypes,
  type OutgoingMessage,
  type Receipt,
  type Received,
  type TextMessage,
} from "./messages.ts";
// Clients
export { type MessagesOptions, Network } from "./network.ts";
export { NetworkClient, type NetworkClientOptions } from "./network-client.ts";
// The contract
export type {
  Agent,
  CallOptions,
  Login,
  LoginOptions,
  NetworkInterface,
  User,
} from "./network-interface.ts";
export {
  WebSocketNetworkClient,
  type WebSocketNetworkClientOptions,
} from "./websocket-network-client.ts";
