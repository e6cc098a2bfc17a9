import { isRecord } from "@net/core";
import type { McpClientTransport } from "../sdk-client.ts";

type Send = McpClientTransport["send"];
type Message = Parameters<Send>[0];
type Options = NonNullable<Parameters<Send>[1]>;
type Id = string | number;

/** What the error of a call holds whose answer was cut off. */
export const brokenStream: object = Object.freeze({
  reason: "the stream of the answer was cut off",
});

/** Those that do already. */
const changed = new WeakSet<McpClientTransport>();

/**
 * Lets a call fail when the stream that was to bring its answer ends without one: the server has died, or the answer was too
 * large. "A broken response stream loses the in-flight request" (specification 2026-07-28), and the SDK would wait for it.
 *
 * @param transport is changed, if it has a stream for each request, as that of HTTP; at most once.
 */
export function failBrokenStreams<T extends McpClientTransport>(transport: T): T {
  if (!transport.hasPerRequestStream || changed.has(transport)) return transport;
  changed.add(transport);
  const unanswered = new Set<Id>();
  const send = transport.send.bind(transport);
  const { onmessage } = transport;
  // A client that connects later calls this before its own.
  transport.onmessage = (message, extra) => {
    const id = answeredId(message);
    if (id !== undefined) unanswered.delete(id);
    onmessage?.(message, extra);
  };
  transport.send = (message, options = {}) =>
    send(message, watched(message, options, unanswered, transport));
  return transport;
}

function watched(
  message: Message,
  options: Options,
  unanswered: Set<Id>,
  transport: McpClientTransport,
): Options {
  const id = requestId(message);
  if (id === undefined || options.onRequestStreamEnd) return options;
  unanswered.add(id);
  options.requestSignal?.addEventListener("abort", () => unanswered.delete(id), { once: true });
  const onRequestStreamEnd = (): void => {
    if (unanswered.delete(id)) transport.onmessage?.(failureOf(id));
  };
  return { ...options, onRequestStreamEnd };
}

/** -32000 is what the SDK calls a connection that was closed. */
function failureOf(id: Id): Message {
  const message = "the stream of the answer ended without it";
  return { jsonrpc: "2.0", id, error: { code: -32_000, message, data: brokenStream } };
}

function requestId(message: Message): Id | undefined {
  return isRecord(message) && "method" in message && "id" in message ? message.id : undefined;
}

function answeredId(message: Message): Id | undefined {
  return isRecord(message) && !("method" in message) && "id" in message ? message.id : undefined;
}
