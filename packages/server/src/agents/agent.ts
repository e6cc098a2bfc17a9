/** An agent as a user's friends see it. */
export interface Agent {
  /** What messages are addressed to; unique for its user. */
  readonly name: string;
  readonly description: string;
  /** What kind it is, in its user's words: `assistant`, `coder`, … */
  readonly type: string;
}
