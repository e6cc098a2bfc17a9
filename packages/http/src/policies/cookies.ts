import { inTime } from "../call/in-time.ts";
import type { CookieJar } from "../cookies/jar.ts";
import { setCookiesOf } from "../response/headers.ts";
import type { Sender } from "./send.ts";

/** Sends the jar's cookies with each request, and puts those of each answer into it. */
export function withCookies(next: Sender, jar: CookieJar): Sender {
  return async (call, send) => {
    const { href } = send.target;
    const kept = await inTime(jar.getCookieString(href), call.signal);
    const all = [send.headers.get("cookie"), kept].filter(Boolean).join("; ");
    const headers = kept === "" ? send.headers : send.headers.with({ cookie: all });
    const answer = await next(call, { ...send, headers });
    for (const cookie of setCookiesOf(answer.headers)) {
      await inTime(jar.setCookie(cookie, href), call.signal);
    }
    return answer;
  };
}
