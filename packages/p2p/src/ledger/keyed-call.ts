/** Which call it is. */
export interface KeyedCall {
  /** Whose keys they are: a person, or where nobody vouches for one, a device. Never a name the caller merely claims. */
  readonly owner: string;
  readonly tool: string;
  readonly key: string;
  /** Of the arguments, see `hashArgs`: one key is for one call, not for two different ones. */
  readonly argsHash: string;
}
