import { followRendezvous } from "../rendezvous/follow-rendezvous.ts";
import type { Rendezvous } from "../rendezvous/rendezvous.ts";
import type { SourceContext } from "./context.ts";

/** Finds peers by the records that somebody holds; resolves when the search is over. */
export async function runRendezvousSource(
  rendezvous: Rendezvous,
  { feed, signal, ...context }: SourceContext,
): Promise<void> {
  await followRendezvous(
    {
      ...context,
      rendezvous,
      onRecord: (record) => feed.addRecord("rendezvous", record),
      onLost: (name) => feed.remove("rendezvous", name),
    },
    signal,
  );
}
