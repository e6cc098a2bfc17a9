import type { Link } from "@net/core";
import { settle } from "@net/core/testing";

/** Whether a link has not ended yet. */
export async function isOpen(link: Link | undefined): Promise<boolean> {
  const state = { open: link !== undefined };
  void link?.closed.then(() => {
    state.open = false;
  });
  await settle();
  return state.open;
}
