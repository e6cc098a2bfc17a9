import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, createServer, type TLSSocket } from "node:tls";
import { formatHostPort, type Link } from "@net/core";
import { testCertificate } from "@net/core/testing";
import { expect, onTestFinished, test } from "vitest";
import { secureChannel } from "../../src/links/secure-channel.ts";
import {
  type PeerNetworkOptions,
  type PeerNetworkSettings,
  readOptions,
} from "../../src/options.ts";
import { selfSigned } from "../../src/tls/self-signed.ts";

// Over TLS on the loopback interface, with the transport and the channel policy that a PeerNetwork would have.

const LIMIT = 20_000;
const never = new AbortController().signal;

function settingsOf(options: Partial<PeerNetworkOptions> = {}): PeerNetworkSettings {
  return readOptions({ peerId: "a", host: "127.0.0.1", port: 0, enableTLS: true, ...options });
}

/** Listens, and runs the acceptor's end of a handshake on the first link. */
async function accept(settings: PeerNetworkSettings, address = settings.listenAddress) {
  const { transport, identity, channel: policy } = settings;
  const accepted = Promise.withResolvers<Link>();
  const listener = await transport.listen?.(address, accepted.resolve);
  if (!listener) throw new Error("this transport listens");
  onTestFinished(() => listener.close());
  const secured = accepted.promise.then((link) =>
    secureChannel(link, "responder", { identity, policy }, never),
  );
  secured.catch(() => {});
  return { address: listener.address, secured };
}

async function dial(
  { transport, identity, channel: policy }: PeerNetworkSettings,
  address: string,
) {
  const below = await transport.dial(address);
  onTestFinished(() => below.abort());
  return { below, channel: await secureChannel(below, "initiator", { identity, policy }, never) };
}

/** Somebody who ends TLS, reads all, and passes it on over TLS of his own, or in the clear. */
async function proxy(target: string): Promise<string> {
  const { hostname: host, port, protocol } = new URL(target);
  const { key, cert } = testCertificate;
  const server = createServer({ key, cert }, (near: TLSSocket) => {
    const far =
      protocol === "wss:"
        ? connect({ host, port: Number(port), rejectUnauthorized: false })
        : undefined;
    if (!far) throw new Error("only TLS is passed on");
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      from.on("error", () => to.destroy()).pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  const bound = server.address();
  if (typeof bound !== "object" || !bound) throw new Error("a TCP server has a port");
  return `wss://${formatHostPort({ host: "127.0.0.1", port: bound.port })}/`;
}

async function pemFiles(
  contents: Readonly<Record<string, string>>,
): Promise<(name: string) => string> {
  const folder = await mkdtemp(join(tmpdir(), "net-tls-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
  return (name) => join(folder, name);
}

test("ends with certificates of their own making meet over TLS 1.3, bound to it", {
  timeout: LIMIT,
}, async () => {
  const { address, secured } = await accept(settingsOf());
  const { below, channel } = await dial(settingsOf(), address);
  const other = await secured;

  expect(address).toMatch(/^wss:/);
  expect(below.security.channelBinding).toHaveLength(32);
  expect(other.id).toBe(channel.id);
  // Authenticated only: TLS encrypts already.
  expect(below.maxFrameBytes - channel.link.maxFrameBytes).toBe(5 + 16);
});

test("a proxy that ends TLS is found out by both ends", { timeout: LIMIT }, async () => {
  const { address, secured } = await accept(settingsOf());
  const between = await proxy(address);

  await expect(dial(settingsOf(), between)).rejects.toMatchObject({
    code: "AUTHENTICATION_FAILED",
    message: expect.stringContaining("do not share one TLS channel"),
  });
  await expect(secured).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
});

test("where a proxy may be in between, it passes on what it cannot read", {
  timeout: LIMIT,
}, async () => {
  const path = await pemFiles({ "ca.pem": testCertificate.cert, "key.pem": testCertificate.key });
  const files = { tlsKey: path("key.pem"), tlsCert: path("ca.pem"), tlsCa: path("ca.pem") };
  const { address, secured } = await accept(settingsOf({ channelBinding: "prefer" }));
  const between = await proxy(address);
  const { channel } = await dial(settingsOf({ channelBinding: "prefer", ...files }), between);

  expect((await secured).id).toBe(channel.id);
  expect(channel.link.security.encrypted).toBe(true);
});

test("without binding, the certificate of whoever is dialled must be of an authority", {
  timeout: LIMIT,
}, async () => {
  const { address } = await accept(settingsOf());

  await expect(dial(settingsOf({ channelBinding: "prefer" }), address)).rejects.toMatchObject({
    code: "TLS_FAILED",
  });
});

test("with an authority of one's own, ends without its certificate are refused, dialled or not", {
  timeout: LIMIT,
}, async () => {
  const { key, cert } = testCertificate;
  const stranger = await selfSigned(["localhost"], Date.now());
  const path = await pemFiles({
    ...{
      "key.pem": key,
      "cert.pem": cert,
      "other.pem": stranger.cert,
      "other-key.pem": stranger.key,
    },
  });
  const member = { tlsKey: path("key.pem"), tlsCert: path("cert.pem"), tlsCa: path("cert.pem") };
  const { address, secured } = await accept(settingsOf(member));
  await dial(settingsOf(member), address);
  await secured;

  const guarded = await accept(settingsOf(member));
  await expect(dial(settingsOf(), guarded.address)).rejects.toThrow();
  const impostor = await accept(
    settingsOf({ tlsKey: path("other-key.pem"), tlsCert: path("other.pem") }),
  );
  await expect(dial(settingsOf(member), impostor.address)).rejects.toMatchObject({
    code: "TLS_FAILED",
  });
});

test("files that are wrong are told of when it listens, and it may try again", {
  timeout: LIMIT,
}, async () => {
  const path = await pemFiles({ "key.pem": testCertificate.key });
  const settings = settingsOf({ tlsKey: path("key.pem"), tlsCert: path("cert.pem") });
  await expect(accept(settings)).rejects.toThrow("tlsCert: cannot read");

  await writeFile(path("cert.pem"), testCertificate.cert);
  expect((await accept(settings)).address).toMatch(/^wss:/);
});
