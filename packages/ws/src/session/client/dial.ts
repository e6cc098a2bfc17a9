import { abortable, type Link } from "@net/core";

/** Dials until the signal aborts. A link that comes too late for us is nobody's, and ended. */
export async function dialLink(
  redial: (signal: AbortSignal) => PromiseLike<Link>,
  signal: AbortSignal,
): Promise<Link> {
  const dialling = redial(signal);
  try {
    return await abortable(dialling, signal);
  } catch (error) {
    Promise.resolve(dialling).then(
      (late) => late.abort(),
      () => {},
    );
    throw error;
  }
}
