import { positiveTime } from "../validate.ts";

const DEFAULT_KEEP_ALIVE = 60_000;

/** Silence in ms before TCP probes; undefined for off. @throws ValidationError */
export function keepAliveDelay(keepAlive: boolean | number | undefined): number | undefined {
  if (keepAlive === undefined || keepAlive === false) return undefined;
  return keepAlive === true ? DEFAULT_KEEP_ALIVE : positiveTime("keepAlive", keepAlive);
}
