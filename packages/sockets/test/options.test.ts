import { ValidationError } from "@net/core";
import {
  delimiter,
  lengthPrefix,
  PortScanner,
  scan,
  TCPClient,
  TCPServer,
  tcpTransport,
  UDPClient,
} from "@net/sockets";
import { expect, test } from "vitest";

// What is not what it must be is refused before anything is opened, and the error says what it must be.

const HOST = "127.0.0.1";

test.each<[string, () => unknown]>([
  ["a delimiter is a text or bytes", () => delimiter(5 as never)],
  ["a delimiter is a text or bytes", () => delimiter("")],
  ["a delimiter is a text or bytes", () => delimiter([10] as never)],
  ["delimiter has no option maxByte: did you mean maxBytes?", () => delimiter("x", odd("maxByte"))],
  ["lengthPrefix has no option max: there are maxBytes", () => lengthPrefix(odd("max"))],
  ["tcpTransport has no option timeout", () => tcpTransport(odd("timeout"))],
  ["clock must be a Clock", () => tcpTransport({ clock: {} as never })],
])("%s", (message, make) => {
  expect(make).toThrow(ValidationError);
  expect(make).toThrow(message);
});

test.each<[string, unknown]>([
  ["onProgress must be a function", { onProgress: 5 }],
  ["signal must be an AbortSignal", { signal: 5 }],
  ["banner must be true or false", { banner: "yes" }],
  ["lookup must be a function", { lookup: {} }],
  ["clock must be a Clock", { clock: {} }],
  ["scan has no option concurency: did you mean concurrency?", { concurency: 5 }],
  ["scan must be an object", null],
])("of a scan: %s", async (message, options) => {
  const first = scan(HOST, 1, options as object).next();

  await expect(first).rejects.toThrow(ValidationError);
  await expect(first).rejects.toThrow(message);
});

test.each<[string, unknown, unknown]>([
  ["the targets of a scan must be one, or a list", null, 1],
  ["a target of a scan must be a text", 5, 1],
  ["a target of a scan must be a text", [HOST, 5], 1],
  ["the ports of a scan must be one, or a list", HOST, undefined],
])("%s, not %j and %j", async (message, targets, ports) => {
  const first = scan(targets as string, ports as number).next();

  await expect(first).rejects.toThrow(ValidationError);
  await expect(first).rejects.toThrow(message);
});

test.each<[string, unknown]>([
  ["reconnect must be true or false, or an object", { reconnect: 5 }],
  ["reconnect has no option minimum: there are min,", { reconnect: { minimum: 5 } }],
  ["reconnect.min must be a number", { reconnect: { min: "x" } }],
  ["reconnect.shouldRetry must be a function", { reconnect: { shouldRetry: true } }],
  ["a TCPClient has no option reconect: did you mean reconnect?", { reconect: {} }],
  ["a TCPClient must be an object", 5],
  ["tls must be true or false, or an object", { tls: "yes" }],
  ["keepAlive must be true or false, or a number", { keepAlive: "yes" }],
  ["noDelay must be true or false", { noDelay: 1 }],
  ["signal must be an AbortSignal", { signal: 5 }],
  ["lookup must be a function", { lookup: 5 }],
  ["clock must be a Clock", { clock: {} }],
])("of a TCPClient: %s", (message, options) => {
  const make = (): TCPClient => new TCPClient(HOST, 7, options as object);

  expect(make).toThrow(ValidationError);
  expect(make).toThrow(message);
});

test.each<[string, unknown, unknown]>([
  ["a TCPServer needs a handler", {}, undefined],
  ["a TCPServer needs a handler", {}, "echo"],
  ["a TCPServer must be an object", undefined, async () => {}],
  ["a TCPServer has no option reconnect", { reconnect: 5 }, async () => {}],
  [
    "a TCPServer has no option maxConnection: did you mean maxConnections?",
    { maxConnection: 5 },
    async () => {},
  ],
  ["signal must be an AbortSignal", { signal: 5 }, async () => {}],
  ["logger must be a Logger", { logger: {} }, async () => {}],
  ["allowHalfOpen must be true or false", { allowHalfOpen: "yes" }, async () => {}],
])("of a TCPServer: %s", async (message, options, handler) => {
  const listening = TCPServer.listen(options as object, handler as never);

  await expect(listening).rejects.toThrow(ValidationError);
  await expect(listening).rejects.toThrow(message);
});

test.each<[string, unknown]>([
  ["a UDPClient has no option adress: there are port,", { adress: HOST }],
  ["reuseAddress must be true or false", { reuseAddress: 1 }],
  ["queue must be an object", { queue: 5 }],
  ["queue has no option messages: there are datagrams, bytes", { queue: { messages: 5 } }],
  ["multicast has no option hops: there are interface,", { multicast: { hops: 5 } }],
  ["signal must be an AbortSignal", { signal: 5 }],
])("of a UDPClient: %s", async (message, options) => {
  const opening = UDPClient.open(options as object);

  await expect(opening).rejects.toThrow(ValidationError);
  await expect(opening).rejects.toThrow(message);
});

test("of a request and a question for a port: what they may be told", async () => {
  await using udp = await UDPClient.open();
  const asking = udp.request("x", HOST, 7, { isAnswer: true as never });
  await expect(asking).rejects.toThrow("isAnswer must be a function");
  const isOpen = PortScanner.isPortOpen(HOST, 7, { signal: 5 as never });
  await expect(isOpen).rejects.toThrow("signal must be an AbortSignal");
  await expect(PortScanner.isPortOpen(HOST, 7, odd("timeOut"))).rejects.toThrow(ValidationError);
});

/** Options that somebody has misspelled. */
function odd(name: string): object {
  return { [name]: 5 };
}
