import type { ClientEvents, ClientState, WebSocketClient } from "@net/ws";

/** What the next event of that name says. */
export function next<Name extends keyof ClientEvents>(
  client: WebSocketClient,
  name: Name,
): Promise<ClientEvents[Name]> {
  return new Promise((resolve) => {
    const off = client.on(name, (...args: ClientEvents[Name]) => {
      off();
      resolve(args);
    });
  });
}

/** Resolves when the client is in that state. */
export async function reaching(client: WebSocketClient, state: ClientState): Promise<void> {
  while (client.state !== state) await next(client, "state");
}
