import type { Fetch } from "@net/client";

export interface Sent {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export const login: object = {
  token: "a-very-secret-token",
  user: { id: "u1", username: "alice" },
  device: "default",
  expiresAtMs: 1,
};

/** Answers from a list, the last one for ever; remembers what was asked. */
export function fakeFetch(...answers: (() => Response | Promise<Response>)[]): {
  readonly fetch: Fetch;
  readonly sent: Sent[];
} {
  const sent: Sent[] = [];
  const fetch: Fetch = async (url, { method = "", headers, body }) => {
    sent.push({
      method,
      url,
      headers: Object.fromEntries(new Headers(headers)),
      body: typeof body === "string" ? JSON.parse(body) : undefined,
    });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (!answer) throw new Error("no answer is left");
    return answer();
  };
  return { fetch, sent };
}

export function json(body: object, status = 200): () => Response {
  return () => new Response(JSON.stringify(body), { status });
}
