import { ConnectionError, NetworkError, NetworkingError, NetworkTimeoutError } from "@net/core";
import { getHttpClient, HTTPClient } from "@net/http";
import { PortScanner, TCPClient, TCPServer, UDPClient } from "@net/sockets";
import { WebSocketClient } from "@net/ws";
import { expect } from "vitest";
import { type Asked, shownBy, shownByExample, withEcho, withHttp } from "./proofs.ts";
import { type Document, done, open } from "./row.ts";

/** The networking module as its capabilities list it. */
export const networkingCapabilities: Document = {
  title: "networking capabilities",
  rows: [
    done("getHttpClient()", "gives an HTTP client", "@net/http getHttpClient", () => {
      expect(getHttpClient()).toBeInstanceOf(HTTPClient);
    }),
    done(
      "client.get(url, { timeout })",
      "a GET with a limit of its own",
      "@net/http HTTPClient#get",
      () =>
        withHttp(async (url) => {
          expect((await getHttpClient().get(url, { timeout: 5_000 })).status).toBe(200);
        }),
    ),
    done(
      "automatic retries for 429 and 5xx",
      "a passing failure is not seen",
      "@net/http HTTPClient",
      () =>
        withHttp(
          async (url) => {
            await using http = new HTTPClient({ rng: { next: () => 0 } });
            expect((await http.get(url)).status).toBe(200);
          },
          [429, 503, 200],
        ),
    ),
    done("response.json()", "the body's value", "@net/http Response#json", () =>
      withHttp(async (url) => {
        expect((await getHttpClient().get(url)).json()).toMatchObject({ method: "GET" });
      }),
    ),
    done("HTTPClient.post", "triggers remote actions", "@net/http HTTPClient#post", () =>
      withHttp(async (url) => {
        const asked = (await getHttpClient().post(url, { json: { a: 1 } })).json() as Asked;
        expect(asked).toMatchObject({ method: "POST", body: '{"a":1}' });
      }),
    ),
    done(
      "catch NetworkingError",
      "one class for every network failure",
      "@net/core NetworkingError",
      async () => {
        await using http = new HTTPClient({ maxRetries: 0 });
        const failure = http.get("http://127.0.0.1:1/");
        await expect(failure).rejects.toBeInstanceOf(NetworkingError);
        await expect(failure).rejects.toThrow("nobody listens there");
      },
    ),
    done("HTTPClient", "REST calls with resilience", "@net/http HTTPClient", () => {
      expect(new HTTPClient()).toBeInstanceOf(HTTPClient);
    }),
    done("Response", "an answer", "@net/http Response", () =>
      withHttp(async (url) => {
        expect((await getHttpClient().get(url)).constructor.name).toBe("Response");
      }),
    ),
    done("Response.statusCode", "says how it went", "@net/http Response#statusCode", () =>
      withHttp(
        async (url) => {
          expect((await getHttpClient().get(url)).statusCode).toBe(404);
        },
        [404],
      ),
    ),

    done(
      "WebSocketClient(url, { reconnectInterval, maxReconnectDelay })",
      "a persistent connection",
      "@net/ws WebSocketClient",
      () =>
        withEcho(async (url) => {
          await using client = new WebSocketClient(url, {
            reconnectInterval: 1_000,
            maxReconnectDelay: 30_000,
          });
          await client.connect();
          expect(client.state).toBe("open");
        }),
    ),
    done("client.on(handler)", "registers a message handler", "@net/ws WebSocketClient#on", () =>
      withEcho(async (url) => {
        await using client = new WebSocketClient(url);
        const heard = Promise.withResolvers<unknown>();
        client.on(heard.resolve);
        await client.connect();
        await client.send(Buffer.from("event"));
        expect(Buffer.from((await heard.promise) as Uint8Array).toString()).toBe("event");
      }),
    ),
    done(
      "WebSocketClient.connect",
      "opens the link and keeps it",
      "@net/ws WebSocketClient#connect",
      shownByExample("packages/ws/examples/feed.ts", "client.connect()"),
    ),
    done(
      "automatic reconnection",
      "comes back with growing delays",
      "@net/ws WebSocketClient",
      shownBy(
        "packages/ws/test/client/reconnect.test.ts",
        "after the server drops it, it comes back, and one loop reads both connections",
        "delays double, jittered by the given randomness, up to the limit",
      ),
    ),

    open(
      "SSHClient({ hostname, username })",
      "secure remote access, let go at the end of its block",
      "@net/ssh SSHClient",
      "later: ssh",
    ),
    open("SSHClient.connect", "opens the session", "@net/ssh SSHClient#connect", "later: ssh"),
    open(
      "ssh.executeCommand(command)",
      "exit code, standard output and error",
      "@net/ssh SSHClient#executeCommand",
      "later: ssh",
    ),
    open("ssh.getSftp()", "file transfer", "@net/ssh SSHClient#getSftp", "later: ssh"),
    open("sftp.put(local, remote)", "sends a file", "@net/ssh", "later: ssh"),

    done(
      "PortScanner.isPortOpen(host, port)",
      "whether somebody listens",
      "@net/sockets PortScanner",
      async () => {
        await using server = await TCPServer.listen({}, async () => {});
        expect(await PortScanner.isPortOpen("127.0.0.1", server.port)).toBe(true);
        expect(await PortScanner.isPortOpen("127.0.0.1", 1)).toBe(false);
      },
    ),
    done("PortScanner scans ranges", "discovers services", "@net/sockets scan", async () => {
      await using server = await TCPServer.listen({}, async () => {});
      const open: number[] = [];
      const range = `${Math.max(1, server.port - 2)}-${server.port}`;
      for await (const { port, state } of PortScanner.scan(["127.0.0.1"], [range])) {
        if (state === "open") open.push(port);
      }
      expect(open).toContain(server.port);
    }),
    done(
      "TCPClient(host, port): connect, send, receive",
      "raw TCP",
      "@net/sockets TCPClient",
      async () => {
        await using server = await TCPServer.listen({}, async (connection) => {
          for await (const bytes of connection) await connection.send(bytes);
        });
        await using client = new TCPClient("127.0.0.1", server.port);
        await client.connect();
        await client.send("PING");
        expect(new TextDecoder().decode(await client.receive())).toBe("PING");
      },
    ),
    done(
      "TCPServer",
      "accepts raw TCP",
      "@net/sockets TCPServer",
      shownByExample("packages/sockets/examples/lines.ts", "TCPServer.listen"),
    ),
    done("UDPClient", "raw UDP", "@net/sockets UDPClient", async () => {
      await using here = await UDPClient.open({});
      await using there = await UDPClient.open({});
      await here.send("ping", "127.0.0.1", there.port);
      expect(Buffer.from((await there.receive())?.data ?? []).toString()).toBe("ping");
    }),

    done("NetworkError", "the root of all errors", "@net/core NetworkError", () => {
      expect(new NetworkError("TIMEOUT", "late")).toMatchObject({
        code: "TIMEOUT",
        retryable: true,
      });
      expect(NetworkingError).toBe(NetworkError);
    }),
    done("ConnectionError", "no connection", "@net/core ConnectionError", () => {
      expect(new ConnectionError("refused")).toBeInstanceOf(NetworkError);
    }),
    done(
      "NetworkTimeoutError",
      "a limit of time was passed",
      "@net/core NetworkTimeoutError",
      async () => {
        const error = new NetworkTimeoutError("late", { kind: "connect", timeoutMs: 5 });
        expect(error).toMatchObject({ code: "TIMEOUT", timeoutMs: 5 });
      },
    ),

    done(
      "example: robust requests",
      "a busy server is asked again",
      "packages/http/examples/get-json.ts",
      shownByExample(
        "packages/http/examples/get-json.ts",
        "http.get(",
        "response.json()",
        "NetworkError.is(",
      ),
    ),
    done(
      "example: a persistent stream",
      "read on across a reconnection",
      "packages/ws/examples/feed.ts",
      shownByExample("packages/ws/examples/feed.ts", "new WebSocketClient(", ".connect()"),
    ),
    done(
      "example: raw TCP, and whether a port is open",
      "asks and answers",
      "packages/sockets/examples/lines.ts",
      shownByExample("packages/sockets/examples/lines.ts", "isPortOpen", "TCPClient", ".receive("),
    ),
    open("example: a command over SSH, and a file by SFTP", "runs", "@net/ssh", "later: ssh"),
  ],
};
