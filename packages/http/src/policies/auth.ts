import type { Auth, Credentials } from "../auth/auth.ts";
import type { Call } from "../call/call.ts";
import { inTime } from "../call/in-time.ts";
import { targetOf } from "../request/target.ts";
import { type Answer, discard } from "../wire/answer.ts";
import type { Send } from "../wire/send.ts";
import type { Sender } from "./send.ts";

/** Adds credentials to what goes where they are for; after a 401 it gets others, and sends once more. */
export function authorizing(next: Sender): Sender {
  return (call, send) => {
    const { auth } = call.settings;
    return auth && isFor(call, send) ? authorized(next, auth, call, send) : next(call, send);
  };
}

/** Not along with a redirect to another origin, and not where the caller gave credentials. */
function isFor(call: Call, { target, headers }: Send): boolean {
  const isMeant = target.isInside || call.settings.isAuthOwn;
  return isMeant && target.origin === call.target.origin && !headers.has("authorization");
}

async function authorized(next: Sender, auth: Auth, call: Call, send: Send): Promise<Answer> {
  const { signal } = call;
  const credentials = await inTime(auth.credentials({ signal }), signal);
  const answer = await next(call, withCredentials(send, credentials));
  if (answer.status !== 401 || !auth.refresh || send.body?.isReplayable === false) return answer;
  if (!(await inTime(auth.refresh(credentials, { signal }), signal))) return answer;
  discard(answer);
  const others = await inTime(auth.credentials({ signal }), signal);
  return await next(call, withCredentials(send, others));
}

function withCredentials(send: Send, { headers, query }: Credentials): Send {
  const target = query ? withQuery(send, query) : send.target;
  return { ...send, target, headers: send.headers.with(headers) };
}

function withQuery({ target }: Send, query: Readonly<Record<string, string>>): Send["target"] {
  const url = new URL(target.href);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return targetOf(url, target.isInside);
}
