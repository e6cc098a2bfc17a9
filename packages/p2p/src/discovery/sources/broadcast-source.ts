import { BroadcastBrowser } from "../broadcast/broadcast-browser.ts";
import type { BroadcastSettings } from "../broadcast/options.ts";
import type { SourceContext } from "./context.ts";

/** Finds peers by UDP broadcast. @throws ConnectionError if no interface can be used. */
export async function openBroadcastSource(
  settings: BroadcastSettings,
  { feed, networkId, clock, rng, logger }: SourceContext,
): Promise<AsyncDisposable> {
  return await BroadcastBrowser.start({
    ...{ settings, networkId, clock, rng, logger },
    onAnswer: (record, link) => feed.addRecord("broadcast", record, link),
    onLost: (name) => feed.remove("broadcast", name),
  });
}
