/** What a request must carry to be let in. */
export interface Credentials {
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Added to the URL's query. */
  readonly query?: Readonly<Record<string, string>> | undefined;
}

export interface AuthContext {
  /** Aborts when the call ends before its time. */
  readonly signal: AbortSignal;
}

/**
 * Lets requests in. A client's goes only to the origin of its `baseUrl`, and never along with a redirect to another.
 */
export interface Auth {
  /** Called for each request. */
  credentials(context: AuthContext): Credentials | Promise<Credentials>;
  /**
   * The server answered 401 to a request with these: get others, and say whether it is worth another try. There is one
   * for each request.
   */
  refresh?(refused: Credentials, context: AuthContext): Promise<boolean>;
}
