import { malformed, readBytes, readCount, readFields, readName } from "../read.ts";

/** Names a broadcast: its origin, which start of it, and which one since then, from 1. */
export interface MessageId {
  readonly origin: string;
  readonly epoch: number;
  readonly seq: number;
}

/** `message`: for everybody. `publication`: for whoever subscribed to its topic. */
export type MessageKind = "message" | "publication";

/** How far a broadcast goes: to `all` over the tree, or to the origin's `neighbours` only. */
export type Scope = "all" | "neighbours";

/** What an origin says to all. */
export interface Broadcast extends MessageId {
  readonly kind: MessageKind;
  readonly scope: Scope;
  /** The type of a message, the topic of a publication. */
  readonly name: string;
  /** How long it may take on its way. */
  readonly lifetimeMs: number;
  /** For those who take it; relays do not read it. */
  readonly payload: Uint8Array;
}

/** The longest life of a broadcast, in ms. */
export const MAX_LIFETIME = 60_000;

const KINDS: readonly MessageKind[] = ["message", "publication"];
const SCOPES: readonly Scope[] = ["all", "neighbours"];
const FIELDS = 8;

/** Two ids are the same if their keys are: names hold no spaces at their start, numbers none at all. */
export function keyOf({ origin, epoch, seq }: MessageId): string {
  return `${epoch} ${seq} ${origin}`;
}

/** The fields of a broadcast's statement, in the order in which they travel. */
export function broadcastFields(broadcast: Broadcast): readonly unknown[] {
  const { origin, epoch, seq, kind, scope, name, lifetimeMs, payload } = broadcast;
  const codes = [KINDS.indexOf(kind), SCOPES.indexOf(scope)];
  return [origin, epoch, seq, ...codes, name, lifetimeMs, payload];
}

/** @param value a statement, decoded. @throws ProtocolError */
export function parseBroadcastFields(value: unknown): Broadcast {
  const fields = readFields(value, FIELDS, "the statement of a broadcast");
  const [origin, epoch, seq, kind, scope, name, lifetimeMs, payload] = fields;
  return {
    origin: readName(origin, "a broadcast's origin"),
    epoch: readCount(epoch, "a broadcast's epoch"),
    seq: readCount(seq, "a broadcast's number"),
    kind: readCode(kind, KINDS, "a broadcast's kind"),
    scope: readCode(scope, SCOPES, "a broadcast's scope"),
    name: readName(name, "a broadcast's name"),
    lifetimeMs: readCount(lifetimeMs, "a broadcast's lifetime", MAX_LIFETIME),
    payload: readBytes(payload, "a broadcast's payload"),
  };
}

function readCode<T>(value: unknown, meanings: readonly T[], what: string): T {
  const meaning = Number.isInteger(value) ? meanings[value as number] : undefined;
  if (meaning !== undefined) return meaning;
  throw malformed(what, `a whole number from 0 to ${meanings.length - 1}`);
}
