import { invalid } from "@net/core/options";

export { invalid } from "@net/core/options";

/** The network a peer belongs to unless it says otherwise. */
export const DEFAULT_NETWORK_ID = "net";
/** The longest peer id, tool name, capability, network id or display name, in UTF-16 units. */
const MAX_NAME_LENGTH = 128;
/** The most capabilities of one peer: with the longest names they still fit a frame's header. */
export const MAX_CAPABILITIES = 128;

/** The most tools of one peer. */
export const MAX_TOOLS = 1_024;

/** What {@link isName} accepts, in words. */
export const NAME_RULE: string = `a string of 1 to ${MAX_NAME_LENGTH} characters, none of them a control character`;

/** True for a text that can be an id or a name: it survives UTF-8 and cannot break a line of a log. */
export function isName(value: unknown): value is string {
  return (
    typeof value === "string" &&
    value.length > 0 &&
    value.length <= MAX_NAME_LENGTH &&
    (isPlainAscii(value) || (value.isWellFormed() && !/\p{Cc}/u.test(value)))
  );
}

/** As nearly all names are: a loop over so few characters costs less than a regular expression. */
function isPlainAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code > 0x7e) return false;
  }
  return true;
}

/** True for a list of at most `max` names. */
export function areNames(value: unknown, max: number): value is readonly string[] {
  return Array.isArray(value) && value.length <= max && value.every(isName);
}

/** The value, if it can be a name. @throws ValidationError saying what `what` must be. */
export function assertName(value: unknown, what: string): string {
  if (isName(value)) return value;
  throw invalid(what, NAME_RULE);
}
