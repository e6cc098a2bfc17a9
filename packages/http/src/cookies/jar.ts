/** Keeps cookies. The `CookieJar` of `tough-cookie` is one. */
export interface CookieJar {
  /** The value of `Cookie` for a URL; empty for none. */
  getCookieString(url: string): string | Promise<string>;
  /** Takes a `Set-Cookie` that came from a URL. */
  setCookie(setCookie: string, url: string): unknown;
}
