import type { Link } from "@net/core";

/** A link to which a frame may be lent, where `send` gives it away for good. */
export interface LendingLink extends Link {
  /** As `send`. @param onReturned called when the link does not need the frame's memory any more, unless it ends before. */
  lend(frame: Uint8Array, onReturned: () => void): boolean;
}

export function lends(link: Link): link is LendingLink {
  return "lend" in link && typeof link.lend === "function";
}
