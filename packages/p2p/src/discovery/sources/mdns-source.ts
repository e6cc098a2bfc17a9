import type { ServiceInstance } from "../mdns/link-browser.ts";
import { type MdnsMedium, systemMedium } from "../mdns/medium.ts";
import { ServiceBrowser } from "../mdns/service-browser.ts";
import type { MdnsSettings } from "../mdns-options.ts";
import { claimsOf, SERVICE, signedRecordOf } from "../service.ts";
import type { SourceContext } from "./context.ts";

/** Finds peers by multicast DNS. @throws ConnectionError if no interface can be used. */
export async function openMdnsSource(
  { interfaces, port, networkId }: MdnsSettings,
  { feed, clock, rng, logger }: SourceContext,
  medium: MdnsMedium = systemMedium({ interfaces, port, clock, logger }),
): Promise<AsyncDisposable> {
  const onFound = (via: string, instance: ServiceInstance): void => {
    const signed = signedRecordOf(instance);
    const record = signed && feed.read("mdns", signed);
    const claims = signed ? undefined : claimsOf(instance);
    if (record) feed.add({ kind: "signed", source: "mdns", via, record });
    else if (claims?.networkId === networkId)
      feed.add({ kind: "unsigned", source: "mdns", via, claims });
    else feed.remove("mdns", via);
  };
  const onLost = (via: string): void => feed.remove("mdns", via);
  return await ServiceBrowser.start({ service: SERVICE, medium, clock, rng, onFound, onLost });
}
