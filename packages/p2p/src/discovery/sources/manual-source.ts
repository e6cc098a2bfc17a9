import { Identifier } from "../range/identify.ts";
import type { SourceContext } from "./context.ts";

/** Tells of addresses that are known, at once; and where it can be asked, who is there. */
export async function runManualSource(
  addresses: readonly string[],
  { feed, identify, ...context }: SourceContext,
): Promise<void> {
  for (const address of addresses) {
    feed.add({ kind: "address", source: "manual", via: address, address });
  }
  if (!identify) return;
  const identifier = new Identifier({
    ...{ ...context, identify },
    onIdentified: (address, identified) =>
      feed.add({ kind: "identified", source: "manual", via: address, address, identified }),
  });
  for (const address of addresses) await identifier.ask(address);
  await identifier.done();
}
