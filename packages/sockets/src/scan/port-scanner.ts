import { type Clock, type ErrorCode, NetworkError, systemClock } from "@net/core";
import {
  aborting,
  clock as aClock,
  assertOptions,
  type Rules,
  readElsewhere,
} from "@net/core/options";
import { targetEndpoint } from "../tcp/address.ts";
import { openSocket } from "../tcp/open-socket.ts";
import { positiveTime } from "../validate.ts";
import { scan } from "./scan.ts";

export interface PortCheckOptions {
  /** How long to wait for an answer, in ms. Default 2000. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

export interface PortScanner {
  /**
   * True if something accepts TCP connections at that port. False if it refuses, does not answer in time, or the
   * host cannot be reached. What says nothing about the port rejects: it is never "closed" because this machine
   * ran out of file handles or ports, or the name does not resolve.
   *
   * @throws ConnectionError `NAME_NOT_FOUND`, `OUT_OF_RESOURCES`, `ADDRESS_UNAVAILABLE`; ValidationError; AbortedError.
   * @example
   * ```ts
   * if (await PortScanner.isPortOpen("db.internal", 5432)) connectToDatabase();
   * ```
   */
  isPortOpen(host: string, port: number, options?: PortCheckOptions): Promise<boolean>;
  /** Many ports of many hosts: the same as {@link scan}. */
  readonly scan: typeof scan;
}

const DEFAULT_TIMEOUT = 2_000;

/** Asks whether ports are open. */
export const PortScanner: PortScanner = { isPortOpen, scan };

const rules: Rules<PortCheckOptions> = { timeout: readElsewhere, signal: aborting, clock: aClock };

async function isPortOpen(
  host: string,
  port: number,
  options: PortCheckOptions = {},
): Promise<boolean> {
  assertOptions(options, rules, "isPortOpen", (name) => name);
  const { timeout = DEFAULT_TIMEOUT, signal, clock = systemClock } = options;
  const endpoint = targetEndpoint({ host, port });
  positiveTime("timeout", timeout);
  try {
    const socket = await openSocket({
      endpoint,
      timeout,
      signal,
      clock,
      noDelay: true,
    });
    socket.destroy();
    return true;
  } catch (error) {
    if (isAnswerAboutPort(error)) return false;
    throw error;
  }
}

const noListener: ReadonlySet<string> = new Set<ErrorCode>([
  "CONNECTION_REFUSED",
  "CONNECTION_LOST",
  "TIMEOUT",
]);

/** Whether the failure says that nobody listens, or only that this machine could not ask. */
function isAnswerAboutPort(error: unknown): boolean {
  if (!NetworkError.is(error)) return false;
  if (error.code === "UNREACHABLE") return error.details.phase !== "resolve";
  return noListener.has(error.code);
}
