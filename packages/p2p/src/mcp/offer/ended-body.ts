/** The same answer, and word of when nobody reads its body any more: at once if it has none. */
export function whenEnded(response: Response, onEnd: () => void): Response {
  const { body, status, statusText, headers } = response;
  if (!body) {
    onEnd();
    return response;
  }
  const watch = new TransformStream<Uint8Array, Uint8Array>({ flush: onEnd, cancel: onEnd });
  return new Response(body.pipeThrough(watch), { status, statusText, headers });
}
