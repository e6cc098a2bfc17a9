import { networkInterfaces } from "node:os";
import { formatHostPort, type HostPort } from "@net/core";
import type { World } from "./world.ts";

/** The name a second machine joins under. */
const GUEST = "visitor";

/** The command to type on a second machine, with a token that works once. */
export async function invitation(
  world: World,
  listen: HostPort,
  signal: AbortSignal,
): Promise<string> {
  const { token } = await world.peer("laptop").call("invite", { name: GUEST }, { signal });
  const port = Number(new URL(world.addressOf("laptop")).port);
  const host = isWildcard(listen.host) ? firstAddress() : listen.host;
  return [
    "A second machine joins with this command, once, within five minutes:",
    "",
    `  npx -y pnpm@12 demo node --name ${GUEST} --join ${formatHostPort({ host, port })} --token ${token}`,
    "",
    "Links of this version are authenticated but not encrypted: use it in a network you trust.",
  ].join("\n");
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

/** An address of this machine that others can dial, or loopback if it has none. */
function firstAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find(({ internal, family }) => !internal && family === "IPv4")?.address ?? "127.0.0.1";
}
