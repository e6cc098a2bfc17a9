import { isIP } from "node:net";
import { abortable, ValidationError } from "@net/core";
import { type Lookup, resolveHost } from "../tcp/lookup.ts";
import { hostName } from "../validate.ts";

/**
 * The address to send to: the host, if it is one, else its first of the socket's family.
 *
 * @throws ConnectionError (`resolve`); ValidationError if it has none of that family; AbortedError.
 */
export async function addressFor(
  host: string,
  family: 4 | 6,
  lookup: Lookup | undefined,
  signal: AbortSignal | undefined,
): Promise<string> {
  if (isIP(hostName(host))) return host;
  const found = await abortable(resolveHost(host, lookup), signal);
  const address = found.find((each) => each.family === family)?.address;
  if (address !== undefined) return address;
  throw new ValidationError(`${host} has no IPv${family} address, which this socket needs`);
}
