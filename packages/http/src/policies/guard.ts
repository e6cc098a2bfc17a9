import { abortable, isIPv6, toNetworkError } from "@net/core";
import type { Call } from "../call/call.ts";
import { addFacts } from "../errors/facts.ts";
import type { Guard } from "../guard/guard.ts";
import { withoutQuery } from "../request/url.ts";
import type { Answer } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";
import type { Sender } from "./send.ts";

/**
 * Lets requests go only where they may, on every hop. Names are checked where the connection is made; behind a proxy,
 * which would resolve them itself, they are resolved here and the proxy is given an address that was checked.
 */
export function guarding(next: Sender, guard: Guard, isBehindProxy: boolean): Sender {
  return async (call, send): Promise<Answer> => {
    guard.checkHost(send.target.hostname);
    return await next(call, isBehindProxy ? await pinned(call, send, guard) : send);
  };
}

async function pinned({ signal }: Call, send: Send, guard: Guard): Promise<Send> {
  const { target } = send;
  const { protocol, host, port } = new URL(target.origin);
  try {
    const [first] = await abortable(guard.resolve(target.hostname), signal);
    if (!first) return send;
    const address = isIPv6(first.address) ? `[${first.address}]` : first.address;
    const origin = `${protocol}//${address}${port && `:${port}`}`;
    const { headers } = send;
    const named = headers.has("host") ? headers : headers.withOwn("host", host);
    return { ...send, connectTo: origin, headers: named };
  } catch (error) {
    const context = {
      doing: send.method,
      address: withoutQuery(target.href),
      phase: "resolve",
    } as const;
    throw addFacts(toNetworkError(error, context), { sent: false });
  }
}
