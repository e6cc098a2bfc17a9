import type { LinkSecurity } from "@net/core";

/** Who asks to be let in. */
export interface Visitor {
  /** The name he says his session has. */
  readonly session: string;
  readonly token: string | undefined;
  readonly remoteAddress: string;
  readonly security: LinkSecurity;
  /** Aborts when he has gone, or it takes too long. */
  readonly signal: AbortSignal;
}

/** Who was let in. */
export interface Admission {
  /**
   * The name under which the session is kept. It must say whose it is: whoever may use a name reads its messages. A
   * name that the visitor chose is right only together with his own, for instance `alice/laptop`.
   */
  readonly session: string;
  /** When to ask again, as `Clock.nowMs` tells it: the session's link is closed then. Default never. */
  readonly expiresAtMs?: number | undefined;
}

/** Says who a visitor is. @throws AuthenticationError, PermissionError to send him away. */
export type Authenticate = (visitor: Visitor) => Admission | PromiseLike<Admission>;
