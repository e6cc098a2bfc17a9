import type { Link } from "@net/core";

// What some links can do beyond the contract that all keep. They are known by their methods.

/** A link to which a frame may be lent, where `send` gives it away for good. */
export interface LendingLink extends Link {
  /** As `send`. @param onReturned called when the link does not need the frame's memory any more, unless it ends before. */
  lend(frame: Uint8Array, onReturned: () => void): boolean;
}

/** A link that frees the memory of what came, if it is told when nobody needs it any more. */
export interface FreeingLink extends Link {
  /** Nobody has a view of that frame any more. What is said later than while it is handed over may be in vain. */
  spent(frame: Uint8Array): void;
}

/** A link that holds what is sent until the end of the tick, as far as nobody is in a hurry. */
export interface FlushingLink extends Link {
  /** What was sent leaves now. */
  flush(): void;
}

export function lends(link: Link): link is LendingLink {
  return "lend" in link && typeof link.lend === "function";
}

export function frees(link: Link): link is FreeingLink {
  return "spent" in link && typeof link.spent === "function";
}

export function flushes(link: Link): link is FlushingLink {
  return "flush" in link && typeof link.flush === "function";
}
