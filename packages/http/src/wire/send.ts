import { ProtocolError, type ProtocolErrorOptions } from "@net/core";
import type { Body } from "../request/body.ts";
import type { HeaderList } from "../request/headers.ts";
import type { Target } from "../request/target.ts";
import { withoutQuery } from "../request/url.ts";

/** One request of a call: the first, a retry, or after a redirect. */
export interface Send {
  readonly method: string;
  readonly target: Target;
  readonly headers: HeaderList;
  readonly body: Body | undefined;
  /** The origin that is connected to, if it is not the target's: behind a proxy, a checked address. */
  readonly connectTo?: string | undefined;
}

/** The server answered, but so that the answer cannot be taken. */
export function badAnswer(
  { method, target }: Pick<Send, "method" | "target">,
  text: string,
  options?: ProtocolErrorOptions,
): ProtocolError {
  return new ProtocolError(
    `bad answer to ${method} ${withoutQuery(target.href)}: ${text}`,
    options,
  );
}
