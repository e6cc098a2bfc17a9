import { scan } from "@net/sockets";
import { Identifier } from "../range/identify.ts";
import type { RangeSettings } from "../range/options.ts";
import type { SourceContext } from "./context.ts";

/**
 * Asks every address of a range, once, whether something listens there, and if it can be asked, who.
 *
 * @throws ValidationError for what is no range or port; ConnectionError for an unknown name; AbortedError.
 */
export async function runRangeSource(
  { addressOf, targets, ports, ...settings }: RangeSettings,
  { feed, identify, ...context }: SourceContext,
): Promise<void> {
  const { clock, signal } = context;
  const identifier =
    identify &&
    new Identifier({
      ...{ ...context, identify },
      onIdentified: (address, identified) =>
        feed.add({ kind: "identified", source: "range", via: address, address, identified }),
    });
  for await (const { host, port, state } of scan(targets, ports, { ...settings, clock, signal })) {
    if (state !== "open") continue;
    const address = addressOf(host, port);
    if (identifier) await identifier.ask(address);
    else feed.add({ kind: "address", source: "range", via: address, address });
  }
  await identifier?.done();
}
