import { inspect } from "node:util";
import { AuthenticationError, type NetworkError, ValidationError } from "@net/core";
import { testCertificate as certificate, FakeClock } from "@net/core/testing";
import { WebSocketClient } from "@net/ws";
import { afterEach, expect, test, vi } from "vitest";
import { ConnectProxy } from "../support/connect-proxy.ts";
import { next } from "../support/events.ts";
import { RawServer } from "../support/raw-server.ts";
import { TestServer } from "../support/test-server.ts";

const atOnce = { reconnect: { min: 0, max: 0 } };

afterEach(() => {
  vi.unstubAllEnvs();
});

async function echo(client: WebSocketClient, server: TestServer): Promise<void> {
  await client.connect();
  const { socket } = await server.next();
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  await client.send("through");
  expect(await client.receive()).toBe("through");
}

test("messages go through a proxy, which learns where to and who asks, and not what for", async () => {
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start();
  await using client = new WebSocketClient(`${server.url}path?token=abc`, {
    proxy: { url: proxy.url("ann:p%40ss@"), headers: { "x-department": "sales" } },
    headers: { authorization: "Bearer for-the-server" },
  });
  await echo(client, server);
  expect(proxy.requests.map(({ url }) => url)).toEqual([`127.0.0.1:${server.port}`]);
  const { headers } = proxy.requests[0] ?? {};
  expect(headers?.["proxy-authorization"]).toBe(`Basic ${btoa("ann:p@ss")}`);
  expect(headers).toMatchObject({ "x-department": "sales" });
  expect(headers).not.toHaveProperty("authorization");
  expect(server.requests[0]?.headers).not.toHaveProperty("proxy-authorization");
});

test("TLS goes through it end to end, and the server's name is still checked", async () => {
  await using server = await TestServer.start({ tls: certificate });
  await using proxy = await ConnectProxy.start({ targetPort: server.port });
  const options = { proxy: proxy.url(), tls: { ca: certificate.cert } };
  await using client = new WebSocketClient("wss://localhost:1/", options);
  await echo(client, server);
  expect(proxy.requests.map(({ url }) => url)).toEqual(["localhost:1"]);

  const wrong = new WebSocketClient("wss://elsewhere.test:1/", options);
  await expect(wrong.connect()).rejects.toMatchObject({ code: "TLS_FAILED" });
});

test("a proxy may be spoken with inside TLS, and is verified", async () => {
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start({ tls: certificate });
  const tls = { ca: certificate.cert };
  await using client = new WebSocketClient(server.url, { proxy: { url: proxy.url(), tls } });
  await echo(client, server);

  const unknown = new WebSocketClient(server.url, { proxy: proxy.url(), tls });
  await expect(unknown.connect()).rejects.toMatchObject({
    code: "TLS_FAILED",
    message: expect.stringContaining("cannot reach the proxy"),
  });
});

test("it comes back through the proxy too", async () => {
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start();
  await using client = new WebSocketClient(server.url, { ...atOnce, proxy: proxy.url() });
  await client.connect();
  (await server.next()).socket.terminate();
  await server.next();
  expect(proxy.requests).toHaveLength(2);
});

test.each([
  ["407 Proxy Authentication Required", "AUTHENTICATION_FAILED", false],
  ["403 Forbidden", "PERMISSION_DENIED", false],
  ["502 Bad Gateway", "CONNECTION_FAILED", true],
  ["101 Switching Protocols", "CONNECTION_FAILED", false],
])("a proxy that answers %s is %s", async (answer, code, retryable) => {
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start({ answer: `HTTP/1.1 ${answer}\r\n\r\n` });
  const client = new WebSocketClient(server.url, {
    proxy: proxy.url("ann:secret@"),
    reconnect: { shouldRetry: () => false },
  });
  const error = await client.connect().catch((cause: unknown) => cause as NetworkError);
  expect(error).toMatchObject({ code, retryable, details: { address: proxy.url() } });
  expect(AuthenticationError.is(error)).toBe(code === "AUTHENTICATION_FAILED");
  expect(inspect(error, { depth: 9 })).not.toMatch(/secret|YW5u/);
  expect(server.requests).toHaveLength(0);
  await vi.waitFor(() => expect(proxy.open).toBe(0));
});

test("a proxy's Retry-After is obeyed", async () => {
  await using server = await TestServer.start();
  const answer = "HTTP/1.1 503 Busy\r\nretry-after: 7\r\n\r\n";
  await using proxy = await ConnectProxy.start({ answer });
  await using client = new WebSocketClient(server.url, { proxy: proxy.url() });
  client.connect().catch(() => {});
  expect((await next(client, "retry"))[0].delayMs).toBe(7_000);
});

test.each([
  ["garbage", "SSH-2.0-OpenSSH_9.6\r\n"],
  ["too large a head", `HTTP/1.1 200 OK\r\nx: ${"x".repeat(20_000)}\r\n\r\n`],
  ["data nobody asked for", "HTTP/1.1 200 OK\r\n\r\nhello"],
])("a proxy that answers with %s is a PROTOCOL_ERROR", async (_what, answer) => {
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start({ answer });
  const client = new WebSocketClient(server.url, { proxy: proxy.url() });
  await expect(client.connect()).rejects.toMatchObject({ code: "PROTOCOL_ERROR" });
  await vi.waitFor(() => expect(proxy.open).toBe(0));
});

test("a proxy that hangs is given up with the attempt, or with the client, and nothing stays open", async () => {
  const clock = new FakeClock();
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start({ answer: "" });
  const options = { proxy: proxy.url(), timeout: { connect: 3_000 }, clock };
  const client = new WebSocketClient(server.url, options);
  const connecting = expect(client.connect()).rejects.toMatchObject({ code: "CLOSED" });
  await vi.waitFor(() => expect(proxy.requests).toHaveLength(1));
  const retried = next(client, "retry");
  await clock.advance(3_000);
  expect((await retried)[0].error).toMatchObject({ code: "TIMEOUT", kind: "connect" });
  await vi.waitFor(() => expect(proxy.open).toBe(0));
  await clock.advance(60_000);
  await vi.waitFor(() => expect(proxy.requests.length).toBeGreaterThan(1));
  await client.close();
  await connecting;
  await vi.waitFor(() => expect(proxy.open).toBe(0));
  expect(clock.pending).toBe(0);
});

test.each(["ws", "wss"])(
  "what is silent behind the proxy is given up too, at once with the client (%s)",
  async (scheme) => {
    const reached = Promise.withResolvers<void>();
    await using silent = await RawServer.start(() => reached.resolve());
    await using proxy = await ConnectProxy.start();
    const url = silent.url.replace("ws", scheme);
    const client = new WebSocketClient(url, { proxy: proxy.url() });
    const connecting = expect(client.connect()).rejects.toMatchObject({ code: "CLOSED" });
    await reached.promise;
    await client.close();
    await connecting;
    await vi.waitFor(() => expect([proxy.open, silent.open]).toEqual([0, 0]));
  },
);

test("a proxy that is not there is tried again, and named", async () => {
  await using client = new WebSocketClient("ws://server.test/", {
    proxy: "http://u:pw@127.0.0.1:1",
  });
  client.connect().catch(() => {});
  const [{ error }] = await next(client, "retry");
  expect(error).toMatchObject({
    code: "CONNECTION_REFUSED",
    message: "cannot reach the proxy http://127.0.0.1:1: nobody listens there",
  });
});

test("the environment names a proxy only for those who ask", async () => {
  await using server = await TestServer.start();
  await using proxy = await ConnectProxy.start();
  vi.stubEnv("HTTP_PROXY", proxy.url());
  vi.stubEnv("http_proxy", proxy.url());
  vi.stubEnv("no_proxy", "");
  vi.stubEnv("NO_PROXY", "");
  await using straight = new WebSocketClient(server.url);
  await straight.connect();
  expect(proxy.requests).toHaveLength(0);
  await using through = new WebSocketClient(server.url, { proxy: "environment" });
  await through.connect();
  expect(proxy.requests).toHaveLength(1);
});

test.each([
  "socks5://127.0.0.1:1080",
  "127.0.0.1:3128",
  "http://",
  "http://a%zz@host",
  "http:/secret@ host",
])("%s is no proxy, and the error repeats nothing of it", (proxy) => {
  const construct = (): WebSocketClient => new WebSocketClient("ws://a/", { proxy });
  expect(construct).toThrow(ValidationError);
  expect(construct).not.toThrow(/secret|zz/);
});
