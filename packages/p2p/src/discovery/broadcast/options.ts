import { assertOptions, type Rules } from "@net/core/options";
import type { InterfaceOptions } from "../mdns-options.ts";
import { readInterfaces, readPort, socketRules } from "../mdns-options.ts";

/** Below those that systems hand out, and registered for nothing. */
const BROADCAST_PORT = 21_337;

export interface BroadcastDiscoveryOptions extends InterfaceOptions {
  /** Where questions are asked and heard. Default 21337. */
  readonly port?: number;
}

/** The options with their defaults, checked. */
export interface BroadcastSettings {
  readonly interfaces: readonly string[] | "all";
  readonly port: number;
}

const rules: Rules<BroadcastDiscoveryOptions> = socketRules;

/** @throws ValidationError */
export function readBroadcastOptions(
  options: boolean | BroadcastDiscoveryOptions | undefined,
): BroadcastSettings | undefined {
  if (options === undefined || options === false) return undefined;
  const given = options === true ? {} : options;
  assertOptions(given, rules, "broadcast");
  return {
    interfaces: readInterfaces(given, "broadcast"),
    port: readPort(given.port ?? BROADCAST_PORT, "broadcast"),
  };
}
