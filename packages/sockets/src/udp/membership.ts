import { type NetworkError, toNetworkError, ValidationError } from "@net/core";
import type { BoundSocket } from "./bind.ts";
import { interfaceFor } from "./interfaces.ts";

/**
 * Joins or leaves a multicast group.
 *
 * @throws ValidationError if the group is no multicast address, or there is no such interface; ConnectionError.
 */
export function changeMembership(
  what: "join" | "leave",
  { socket, family }: BoundSocket,
  group: string,
  networkInterface: string | undefined,
): void {
  const via = networkInterface && interfaceFor(networkInterface, family);
  try {
    if (what === "join") socket.addMembership(group, via);
    else socket.dropMembership(group, via);
  } catch (cause) {
    throw membershipError(what, group, via ?? "the default interface", cause);
  }
}

function membershipError(what: string, group: string, via: string, cause: unknown): NetworkError {
  const { code } = cause as { code?: unknown };
  if (code !== "EINVAL") {
    return toNetworkError(cause, { doing: `${what} the multicast group`, address: group });
  }
  return new ValidationError(
    `cannot ${what} "${group}" on ${via}: it must be a multicast address of the socket's family (224.0.0.0/4 or ff00::/8)`,
    { cause },
  );
}
