import type { ScanSettings } from "./options.ts";
import type { Target } from "./targets.ts";
import type { ScanTask } from "./worker-messages.ts";

/** The work, in as many equal parts, at most one for each port or for each target. */
export function shares(
  targets: readonly Target[],
  ports: readonly number[],
  settings: ScanSettings,
  workers: number,
): ScanTask[] {
  const byPort = ports.length >= targets.length;
  const count = Math.min(workers, byPort ? ports.length : targets.length);
  const share = {
    ...settings,
    concurrency: Math.ceil(settings.concurrency / count),
    rate: settings.rate / count,
  };
  return Array.from({ length: count }, (_, nth) => ({
    targets: byPort ? targets : everyNth(targets, nth, count),
    ports: byPort ? everyNth(ports, nth, count) : ports,
    settings: share,
  }));
}

function everyNth<T>(items: readonly T[], first: number, step: number): T[] {
  return items.filter((_item, i) => i % step === first);
}
