import { testCertificate as certificate } from "@net/core/testing";
import { WebSocketClient } from "@net/ws";
import { expect, test } from "vitest";
import { TestServer } from "../support/test-server.ts";

const { cert, key } = certificate;
const ca = cert;

test("a certificate that nobody vouches for is refused, unless its authority is named", async () => {
  await using server = await TestServer.start({ tls: certificate });
  const careful = new WebSocketClient(server.url);
  await expect(careful.connect()).rejects.toMatchObject({ code: "TLS_FAILED" });
  expect(server.requests).toHaveLength(0);

  await using client = new WebSocketClient(server.url, { tls: { ca: [Buffer.from(ca)] } });
  await client.connect();
  await server.next();
});

test("a certificate for another name is refused, unless that name is expected", async () => {
  await using server = await TestServer.start({ tls: certificate });
  const tls = { ca, servername: "elsewhere.test" };
  const careful = new WebSocketClient(server.url, { tls });
  await expect(careful.connect()).rejects.toMatchObject({ code: "TLS_FAILED" });

  await using client = new WebSocketClient(server.url, { tls: { ca, servername: "localhost" } });
  await client.connect();
});

test("a server that asks for a certificate gets the client's, and lets nobody in without", async () => {
  const tls = { cert, key, ca, requestCert: true, rejectUnauthorized: true };
  await using server = await TestServer.start({ tls });
  await using client = new WebSocketClient(server.url, { tls: { ca, cert, key } });
  await client.connect();
  const { request } = await server.next();
  expect(request.socket).toMatchObject({ authorized: true });

  const stranger = new WebSocketClient(server.url, {
    tls: { ca },
    reconnect: { shouldRetry: () => false },
  });
  await expect(stranger.connect()).rejects.toMatchObject({
    code: expect.stringMatching(/^(TLS_FAILED|CONNECTION_LOST)$/),
  });
  expect(server.requests).toHaveLength(1);
});

test("verification can be switched off, by name only", async () => {
  await using server = await TestServer.start({ tls: certificate });
  await using client = new WebSocketClient(server.url, { tls: { rejectUnauthorized: false } });
  await client.connect();
});

test("a key that is none is an error at once, and shown to nobody", async () => {
  await using server = await TestServer.start({ tls: certificate });
  const tls = { ca, cert, key: "-----BEGIN PRIVATE KEY-----\nbm8=\n-----END PRIVATE KEY-----" };
  const client = new WebSocketClient(server.url, { tls });
  const error = await client.connect().catch((cause: unknown) => cause as Error);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
  expect(JSON.stringify(error)).not.toContain("bm8=");
});
