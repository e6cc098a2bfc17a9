import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { testCertificate as certificate } from "@net/core/testing";
import { HTTPClient, type HTTPClientOptions } from "@net/http";
import { expect, test } from "vitest";

async function outcome(options: HTTPClientOptions, host = "127.0.0.1"): Promise<unknown> {
  const server = createServer(certificate, (request, response) =>
    response.end(request.headers.host),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  await using http = new HTTPClient({ maxRetries: 0, ...options });
  try {
    return (await http.get(`https://${host}:${port}/`)).text.replace(String(port), "port");
  } catch (error) {
    return error;
  } finally {
    await http.close();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
  }
}

test("a server with a certificate that is trusted answers", async () => {
  expect(await outcome({ ca: certificate.cert })).toBe("127.0.0.1:port");
});

test("one that nobody trusts is TLS_FAILED, and nothing was sent", async () => {
  expect(await outcome({})).toMatchObject({
    code: "TLS_FAILED",
    retryable: false,
    details: { sent: false },
  });
});

test("the name counts, also where the guard chose the address", async () => {
  const lookup: HTTPClientOptions["lookup"] = (_hostname, _options, callback) =>
    queueMicrotask(() => callback(null, [{ address: "127.0.0.1", family: 4 }] as never));
  const options = { ca: certificate.cert, network: { allow: ["127.0.0.1"] }, lookup };

  expect(await outcome(options, "localhost")).toBe("localhost:port");
  expect(await outcome(options, "other.example")).toMatchObject({ code: "TLS_FAILED" });
});
