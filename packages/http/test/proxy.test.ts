import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type LookupFunction } from "node:net";
import { testCertificate as certificate, FakeClock, settle } from "@net/core/testing";
import { HTTPClient } from "@net/http";
import { expect, test, vi } from "vitest";
import { serve, serveRaw } from "./local-server.ts";

interface Proxy extends AsyncDisposable {
  readonly url: string;
  /** What it was asked for: `CONNECT host:port`, or `GET http://…`. */
  readonly asked: string[];
  readonly headers: IncomingMessage["headers"][];
}

/** A proxy that tunnels, and forwards plain requests by answering them itself. */
async function startProxy(status = 200): Promise<Proxy> {
  const asked: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    headers.push(request.headers);
    response.writeHead(status).end("from the proxy");
  });
  server.on("connect", (request, socket) => {
    asked.push(`CONNECT ${request.url}`);
    headers.push(request.headers);
    if (status !== 200) {
      socket.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${request.url}`);
    const target = connect(Number(port), hostname, () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      socket.pipe(target).pipe(socket);
    });
    target.on("error", () => socket.destroy());
    socket.on("error", () => target.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    headers,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const toLoopback: LookupFunction = (_hostname, _options, callback) =>
  queueMicrotask(() => callback(null, [{ address: "127.0.0.1", family: 4 }] as never));

test("a plain request goes through the proxy, with its token", async () => {
  await using proxy = await startProxy();
  await using http = new HTTPClient({
    proxy: { url: proxy.url, token: "Bearer t" },
    headers: { "x-a": "1" },
  });

  expect((await http.get("http://far.example/x?y=1")).text).toBe("from the proxy");
  expect(proxy.asked).toEqual(["GET http://far.example/x?y=1"]);
  expect(proxy.headers[0]).toMatchObject({
    "proxy-authorization": "Bearer t",
    "x-a": "1",
    host: "far.example",
  });
});

test("a tunnel is made where asked", async () => {
  await using server = await serve((_, response) => response.end("from the server"));
  await using proxy = await startProxy();
  await using http = new HTTPClient({ proxy: { url: proxy.url, tunnel: true } });

  expect((await http.get(server.url)).text).toBe("from the server");
  expect(proxy.asked).toEqual([`CONNECT ${new URL(server.url).host}`]);
});

test.each([
  [407, "AUTHENTICATION_FAILED"],
  [403, "CONNECTION_FAILED"],
])("a proxy that answers a tunnel with %i is %s", async (status, code) => {
  await using proxy = await startProxy(status);
  await using http = new HTTPClient({ proxy: { url: proxy.url, tunnel: true }, maxRetries: 0 });

  await expect(http.get("http://far.example/")).rejects.toMatchObject({
    code,
    details: { status },
  });
});

test("behind a proxy the guard gives it an address that was checked, and the server its name", async () => {
  let host: string | undefined;
  await using server = await serve((request, response) => {
    host = request.headers.host;
    response.end();
  });
  await using proxy = await startProxy();
  const port = new URL(server.url).port;
  await using http = new HTTPClient({
    proxy: { url: proxy.url, tunnel: true },
    network: { allow: ["127.0.0.1"] },
    lookup: toLoopback,
  });

  expect(await http.get(`http://name.example:${port}/`)).toMatchObject({ status: 200 });
  expect(proxy.asked).toEqual([`CONNECT 127.0.0.1:${port}`]);
  expect(host).toBe(`name.example:${port}`);
});

test.each([
  ["its address", "127.0.0.1", undefined],
  ["its name", "localhost", undefined],
  ["its name, at the address that was checked", "localhost", { allow: ["127.0.0.1"] }],
] as const)("TLS through a tunnel is with %s", async (_name, host, network) => {
  const server = createTlsServer(certificate, (request, response) =>
    response.end(request.headers.host),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using proxy = await startProxy();
  const options = {
    proxy: proxy.url,
    maxRetries: 0,
    ...(network && { network, lookup: toLoopback }),
  };
  try {
    await using http = new HTTPClient({ ...options, ca: certificate.cert });
    await using stranger = new HTTPClient(options);

    expect((await http.get(`https://${host}:${port}/`)).text).toBe(`${host}:${port}`);
    await expect(stranger.get(`https://${host}:${port}/`)).rejects.toMatchObject({
      code: "TLS_FAILED",
    });
    const asked = `CONNECT ${network ? "127.0.0.1" : host}:${port}`;
    expect(proxy.asked).toEqual([asked, asked]);
  } finally {
    server.close();
    server.closeAllConnections();
  }
});

test("a TLS handshake through a tunnel that is never answered is a connect time-out", async () => {
  await using silent = await serveRaw(() => {});
  await using proxy = await startProxy();
  const clock = new FakeClock();
  await using http = new HTTPClient({ proxy: proxy.url, clock, maxRetries: 0 });

  const outcome = http.get(silent.url.replace("http", "https")).catch((error: unknown) => error);
  await silent.until(1);
  while (clock.pending < 2) await settle();
  await clock.advance(10_000);

  expect(await outcome).toMatchObject({ code: "TIMEOUT", kind: "connect" });
  await http.close();
  expect(clock.pending).toBe(0);
});

test("a guard cannot be held behind SOCKS, and says so", () => {
  expect(() => new HTTPClient({ proxy: "socks5://127.0.0.1:1", network: "public" })).toThrow(
    "network cannot be held behind a SOCKS proxy",
  );
});

test("behind a proxy private addresses are refused before it is asked", async () => {
  await using proxy = await startProxy();
  await using http = new HTTPClient({
    proxy: proxy.url,
    network: "public",
    lookup: toLoopback,
    maxRetries: 0,
  });

  await expect(http.get("http://10.0.0.1/")).rejects.toMatchObject({ code: "ADDRESS_BLOCKED" });
  await expect(http.get("http://name.example/")).rejects.toMatchObject({ code: "ADDRESS_BLOCKED" });
  expect(proxy.asked).toEqual([]);
});

test.each(["ftp://proxy/", "proxy:3128", ""])("the proxy %j is refused", (proxy) => {
  expect(() => new HTTPClient({ proxy })).toThrow("proxy must be an http, https or socks5 URL");
});

test("env takes the proxy that the environment names, and what it excepts", async () => {
  await using proxy = await startProxy();
  await using server = await serve((_, response) => response.end("direct"));
  vi.stubEnv("HTTP_PROXY", proxy.url);
  vi.stubEnv("http_proxy", proxy.url);
  vi.stubEnv("NO_PROXY", "127.0.0.1");
  try {
    await using http = new HTTPClient({ proxy: "env" });
    expect((await http.get("http://far.example/")).text).toBe("from the proxy");
    expect((await http.get(server.url)).text).toBe("direct");
    await using guarded = new HTTPClient({
      proxy: "env",
      network: { allow: ["api.example"] },
      lookup: toLoopback,
    });
    const url = server.url.replace("127.0.0.1", "api.example");
    expect((await guarded.get(url)).text).toBe("direct");
  } finally {
    vi.unstubAllEnvs();
  }
});

test("behind a proxy with a guard, names at one address do not share what is cached", async () => {
  await using server = await serve((request, response) =>
    response.writeHead(200, { "cache-control": "max-age=600" }).end(request.headers.host),
  );
  await using proxy = await startProxy();
  const port = new URL(server.url).port;
  await using http = new HTTPClient({
    proxy: { url: proxy.url, tunnel: true },
    network: { allow: ["127.0.0.1"] },
    lookup: toLoopback,
    cache: true,
    deduplicate: true,
  });
  const hosts = [`a.example:${port}`, `b.example:${port}`, `a.example:${port}`];

  for (const host of hosts) expect((await http.get(`http://${host}/`)).text).toBe(host);
  expect(server.seen).toBe(2);
});

test("a look-up behind a proxy that never ends, ends with its call", async () => {
  const clock = new FakeClock();
  await using http = new HTTPClient({
    proxy: "http://127.0.0.1:1",
    network: "public",
    lookup: () => {},
    clock,
  });

  const outcome = http.get("http://a.example/", { timeout: 1_000 }).catch((e: unknown) => e);
  await clock.advance(1_000);

  expect(await outcome).toMatchObject({ code: "DEADLINE_EXCEEDED" });
  expect(clock.pending).toBe(0);
});
