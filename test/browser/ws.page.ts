import { NetworkError } from "@net/core";
import { WebSocketClient } from "@net/ws";

/** Talks to an echo server that closes every connection after the message "drop me". */
export async function run(url: string): Promise<Record<string, unknown>> {
  const ws = new WebSocketClient(url, { reconnect: { min: 1, max: 10 } });
  const states: string[] = [];
  ws.on("state", (state) => states.push(state));
  await ws.connect();
  await ws.send("text");
  const text = await ws.receive();
  await ws.send(new Uint8Array([1, 2, 3]));
  const bytes = await ws.receive();
  await ws.send("drop me");
  while (states.filter((state) => state === "open").length < 2) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await ws.send("back again");
  const again = await ws.receive();
  await ws.close();
  return {
    text,
    bytes: bytes instanceof Uint8Array ? [...bytes] : bytes,
    again,
    afterClose: await ws.receive(),
    states: states.filter((state) => state !== "waiting" && state !== "connecting"),
    refused: await refused(url),
  };
}

/** There is no way to see why a browser could not connect; that it could not, must be told in time. */
async function refused(url: string): Promise<unknown> {
  const nobody = new WebSocketClient(url.replace(/:\d+/, ":1"), {
    reconnect: { shouldRetry: () => false },
  });
  return nobody.connect().then(
    () => "connected",
    (error: unknown) => NetworkError.is(error),
  );
}
