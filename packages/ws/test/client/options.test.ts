import { ClosedError, type NetworkError } from "@net/core";
import { WebSocketClient, type WebSocketClientOptions } from "@net/ws";
import { expect, test } from "vitest";
import { next } from "../support/events.ts";
import { TestServer } from "../support/test-server.ts";

function refusal(options: unknown): NetworkError | undefined {
  try {
    new WebSocketClient("ws://a/", options as WebSocketClientOptions);
    return undefined;
  } catch (error) {
    return error as NetworkError;
  }
}

test.each<[string, unknown]>([
  ["a WebSocketClient has no option reconect: did you mean reconnect?", { reconect: {} }],
  ["a WebSocketClient must be an object", null],
  ["reconnect must be true or false, or an object", { reconnect: "x" }],
  ["reconnect has no option minimum: there are min,", { reconnect: { minimum: 1 } }],
  ["reconnect.min must be", { reconnect: { min: -1 } }],
  ["reconnectInterval must be", { reconnectInterval: -1 }],
  ["reconnectInterval must be left out", { reconnect: false, reconnectInterval: 5 }],
  ["maxReconnectDelay must be", { maxReconnectDelay: "1s" }],
  ["timeout must be an object", { timeout: 5 }],
  ["timeout has no option conect: did you mean connect?", { timeout: { conect: 5 } }],
  ["ping must be false, or a number, or an object", { ping: "often" }],
  ["ping has no option every: there are interval,", { ping: { every: 5 } }],
  ["buffer must be an object", { buffer: 1024 }],
  ["buffer has no option size: there are bytes, overflow", { buffer: { size: 1 } }],
  ["perMessageDeflate must be true or false, or an object", { perMessageDeflate: "yes" }],
  [
    "perMessageDeflate has no option treshold: did you mean threshold?",
    { perMessageDeflate: { treshold: 1 } },
  ],
  ["perMessageDeflate.contextTakeover must be", { perMessageDeflate: { contextTakeover: 1 } }],
  ["protocols must be a text that is not empty, or a list of texts", { protocols: 5 }],
  ["signal must be an AbortSignal", { signal: {} }],
  ["proxy must be a text that is not empty, or a URL, or an object", { proxy: null }],
  ["proxy has no option uri: did you mean url?", { proxy: { uri: "http://a" } }],
  ["tls must be an object", { tls: true }],
  ["clock must be a Clock", { clock: {} }],
  ["rng must be an Rng", { rng: Math.random }],
])("%s, where the options are %j", (message, options) => {
  expect(refusal(options)).toMatchObject({
    ...{ code: "INVALID_ARGUMENT", message: expect.stringContaining(message) },
  });
});

test("what is undefined was not given", () => {
  const options = { reconnect: undefined, timeout: undefined, tls: undefined, proxy: undefined };

  expect(refusal(options)).toBeUndefined();
});

test("with reconnect: false a loss ends the client, and nothing is tried again", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url, { reconnect: false });
  await client.connect();
  const retries: unknown[] = [];
  client.on("retry", (event) => retries.push(event));
  const closed = next(client, "close");
  (await server.next()).socket.terminate();

  expect(await closed).toMatchObject([{ code: 1006, error: { code: "CONNECTION_LOST" } }]);
  expect(client.state).toBe("closed");
  expect(retries).toEqual([]);
  await expect(client.send("x")).rejects.toMatchObject({ code: "CONNECTION_LOST" });
});

test("with reconnect: false a first attempt that fails is the only one", async () => {
  await using server = await TestServer.start({ statuses: [503] });
  const client = new WebSocketClient(server.url, { reconnect: false });

  await expect(client.connect()).rejects.toMatchObject({ details: { status: 503 } });
  expect(client.state).toBe("closed");
});

test("with reconnect: true it comes back, as without the option", async () => {
  await using server = await TestServer.start();
  const client = new WebSocketClient(server.url, { reconnect: true });
  await client.connect();
  const retried = next(client, "retry");
  (await server.next()).socket.terminate();

  expect(await retried).toMatchObject([{ attempt: 1 }]);
  const ended = client.receive();
  await client.close();
  expect(await ended).toBeUndefined();
  await expect(client.send("x")).rejects.toThrow(ClosedError);
});
