/**
 * `@net/core/diagnostics`: what happens on links, for whoever subscribes with `node:diagnostics_channel`. For Node.
 *
 * @module
 */

export type {
  CoreChannels,
  DialMessage,
  LinkCloseMessage,
  LinkOpenMessage,
} from "./channels.ts";
export { publish } from "./channels.ts";
export { observeDial, observeLink } from "./links.ts";
