import { ProtocolError } from "@net/core";
import { withoutQuery } from "../request/url.ts";
import { Response } from "../response/response.ts";
import { ApiEvents } from "./events.ts";
import type { ApiAnswer, ApiResponse, ApiStreamResponse } from "./http.ts";
import { isEventStream, isJsonType, isTextType, isXmlType } from "./media-type.ts";

/** What every call gives; the client's types say more. */
export interface AnyResult {
  readonly ok: boolean;
  readonly status: number;
  readonly response: ApiAnswer;
  readonly data?: unknown;
  readonly error?: unknown;
}

/** A whole answer as a result. @throws ProtocolError if an answer of 200 to 299 says that it is JSON, and is not. */
export function resultOf(response: ApiResponse): AnyResult {
  const { status } = response;
  return isGood(status)
    ? { ok: true, status, response, data: decode(response) }
    : { ok: false, status, response, error: decodeLeniently(response) };
}

/**
 * An answer that is still coming, as its events, or whole where it is a failure or something else than events.
 *
 * @param onlyEvents a good answer must be a stream of events; 204 is one without any.
 * @throws ProtocolError if it is not.
 */
export async function streamResultOf(
  response: ApiStreamResponse,
  onlyEvents: boolean,
): Promise<AnyResult> {
  const { status, headers } = response;
  const { "content-type": type = "" } = headers;
  const isEvents = isEventStream(type) || (onlyEvents && status === 204);
  if (isGood(status) && isEvents) {
    return { ok: true, status, response, data: new ApiEvents(response) };
  }
  if (!isGood(status) || !onlyEvents) {
    return resultOf(wholeAnswer(response, await response.bytes()));
  }
  await response[Symbol.asyncDispose]();
  const what = `the answer of ${withoutQuery(response.url)}`;
  throw new ProtocolError(`${what} is no event stream but ${type || "of no type"}`);
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

/**
 * JSON as its value, text as a string, nothing as undefined, and anything else as bytes. What has no media type is
 * JSON, or else text.
 */
function decode(response: ApiResponse): unknown {
  const { "content-type": type } = response.headers;
  if (response.content.byteLength === 0) return undefined;
  if (type === undefined) return jsonOrText(response);
  if (isJsonType(type)) return response.json();
  return isTextType(type) || isXmlType(type) ? response.text : response.content;
}

/** A failure stays the failure it is, also where its body is broken. */
function decodeLeniently(response: ApiResponse): unknown {
  const isJson = isJsonType(response.headers["content-type"] ?? "");
  return isJson && response.text !== "" ? jsonOrText(response) : decode(response);
}

function jsonOrText(response: ApiResponse): unknown {
  try {
    return response.json();
  } catch {
    // It is not JSON: what it says instead is all there is.
    return response.text;
  }
}

function wholeAnswer(answer: ApiAnswer, content: Uint8Array): ApiResponse {
  const { method, url, status, headers } = answer;
  return new Response({ method, url, status, headers, content });
}
