import type { ApiHttp, ApiRequestOptions, ApiResponse, ApiStreamResponse } from "@net/http";

/** What a client asked to be sent. */
export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly options: ApiRequestOptions;
}

/** An HTTP client that notes what it is asked, and always gives the same answer. */
export function standIn(
  status = 200,
  type = "application/json",
  body = "{}",
): { readonly http: ApiHttp; readonly asked: Asked[] } {
  const asked: Asked[] = [];
  const content = new TextEncoder().encode(body);
  const url = "http://api.example/";
  const headers: Record<string, string> = type ? { "content-type": type } : {};
  const head = { method: "GET", status, url, headers };
  const whole: ApiResponse = {
    ...head,
    content,
    text: body,
    json: () => JSON.parse(body) as unknown,
  };
  const http: ApiHttp = {
    request: async (method, url, options) => {
      asked.push({ method, url, options });
      return whole;
    },
    stream: async (url, { method, ...options }) => {
      asked.push({ method, url, options });
      return streamed(head, content);
    },
  };
  return { http, asked };
}

function streamed(
  head: Pick<ApiResponse, "method" | "status" | "url" | "headers">,
  content: Uint8Array,
): ApiStreamResponse {
  return {
    ...head,
    bytes: async () => content,
    async *[Symbol.asyncIterator]() {
      yield content;
    },
    async [Symbol.asyncDispose]() {},
  };
}
