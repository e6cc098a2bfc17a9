import { abortable, type Link, ValidationError } from "@net/core";
import { linkRule } from "./rules.ts";

/**
 * Dials until the signal aborts. A link that comes too late for us is nobody's, and ended.
 *
 * @throws ValidationError if what was dialled is no link, AbortedError, and whatever `redial` throws.
 */
export async function dialLink(
  redial: (signal: AbortSignal) => PromiseLike<Link>,
  signal: AbortSignal,
): Promise<Link> {
  const dialling = redial(signal);
  try {
    return checkedLink(await abortable(dialling, signal));
  } catch (error) {
    Promise.resolve(dialling).then(
      (late) => linkRule.accepts(late) && late.abort(),
      () => {},
    );
    throw error;
  }
}

function checkedLink(link: Link): Link {
  if (linkRule.accepts(link)) return link;
  throw new ValidationError(`what redial gives must be ${linkRule.words}`);
}
