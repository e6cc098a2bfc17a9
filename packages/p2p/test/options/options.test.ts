import { generateKeyPairSync } from "node:crypto";
import { memoryTransport, silentLogger, type Transport, ValidationError } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { tcpTransport } from "@net/sockets";
import { expect, test } from "vitest";
import {
  DEFAULT_LIMITS,
  type PeerNetworkOptions,
  type PeerNetworkSettings,
  readOptions,
} from "../../src/options.ts";

const jwtSecret = "a secret of the test, 32 bytes long";

function read(options: Partial<PeerNetworkOptions> = {}): PeerNetworkSettings {
  return readOptions({ peerId: "a", ...options });
}

test("a peer needs an id and no more", () => {
  expect(read()).toMatchObject({
    ...{ peerId: "a", peerName: "a", networkId: "net", maxPeers: 64, heartbeatInterval: 5_000 },
    ...{
      listenAddress: "ws://127.0.0.1:8080",
      relay: false,
      strict: false,
      limits: DEFAULT_LIMITS,
    },
    channel: { channelBinding: "prefer", plaintext: false, signing: undefined },
  });
});

test.each([
  ["tslKey", "did you mean tlsKey?"],
  ["jwtsecret", "did you mean jwtSecret?"],
  ["maxPeer", "did you mean maxPeers?"],
  ["colour", "there are peerId,"],
])("the option %s, which does not exist, is refused: %s", (name, hint) => {
  const options = { peerId: "a", [name]: 1 };

  expect(() => readOptions(options)).toThrow(ValidationError);
  expect(() => readOptions(options)).toThrow(`a PeerNetwork has no option ${name}: ${hint}`);
});

test.each<[string, object, string]>([
  ["limits", { limits: { maxMesageBytes: 1 } }, "did you mean maxMessageBytes?"],
  ["admission", { admission: { isuers: [] } }, "did you mean issuers?"],
  ["allow", { allow: { peer: [] } }, "did you mean peers?"],
  ["liveness", { liveness: { lifelines: true } }, "did you mean lifeline?"],
  ["qos", { qos: { policy: {} } }, "qos has no option policy: there are policies"],
  ["discovery", { discovery: { mdsn: true } }, "did you mean mdns?"],
  ["discovery.mdns", { discovery: { mdns: { interfaces: "all" } } }, "did you mean interface?"],
  ["discovery.broadcast", { discovery: { broadcast: { prot: 1 } } }, "did you mean port?"],
  ["owner", { owner: { trusts: 1 } }, "did you mean trust?"],
])("so is one of %s", (_what, options, hint) => {
  expect(() => read(options)).toThrow(hint);
});

test.each<[string, object]>([
  ["port", { port: 70_000 }],
  ["maxPeers", { maxPeers: 0 }],
  ["heartbeatInterval", { heartbeatInterval: 0 }],
  ["capabilities", { capabilities: "gpu" }],
  ["enableTLS", { enableTLS: "yes" }],
  ["channelBinding", { channelBinding: "maybe" }],
  ["plaintext", { plaintext: "always" }],
  ["transports", { transports: [] }],
  ["transport", { transport: memoryTransport(), transports: [memoryTransport()] }],
  ["limits.maxSessions", { limits: { maxSessions: 0 } }],
  ["limits.maxFrameBytes", { limits: { maxFrameBytes: 1_000 } }],
  ["limits.maxSessions", { limits: { maxSessions: 1.5 } }],
  ["limits", { limits: 5 }],
  ["admission.issuers", { admission: { issuers: "x" } }],
  ["admission.knownPeers", { admission: { knownPeers: {} } }],
  ["allow.peers", { allow: { peers: "laptop" } }],
  ["allow.tools.laptop", { allow: { tools: { laptop: "search" } } }],
  ["tlsCert", { enableTLS: true, tlsKey: "key.pem" }],
  ["tlsKey", { enableTLS: true, tlsCert: "cert.pem" }],
  ["tlsKey", { tlsKey: "key.pem", tlsCert: "cert.pem" }],
  ["tlsVerify", { enableTLS: true, tlsVerify: false, channelBinding: "prefer" }],
  ["tlsVerify", { enableTLS: true, tlsVerify: false, tlsCa: "ca.pem" }],
  ["signingKey", { signingKey: "a text that signs nothing" }],
  ["signingKey", { enableMessageSigning: true, signingKey: "" }],
  ["signingKey", { enableMessageSigning: true, signingKey: 5 }],
  ["admit", { admit: "everybody" }],
  ["relay", { relay: "yes" }],
  ["strict", { strict: 1 }],
  ["host", { host: 5 }],
  ["listenAddress", { listenAddress: "" }],
  ["identity", { identity: "x" }],
  ["owner", { owner: "alice" }],
  ["owner.trust", { owner: { trust: {}, certificate: "x" } }],
  ["owner.certificate", { owner: { certificate: 5 } }],
  ["allow", { allow: false }],
  ["liveness", { liveness: "yes" }],
  ["liveness.lifeline", { liveness: { lifeline: "yes" } }],
  ["qos.policies", { qos: { policies: 5 } }],
  ["discovery", { discovery: true }],
  ["mdns", { discovery: { mdns: "yes" } }],
  ["the interface for mDNS", { discovery: { mdns: { interface: 5 } } }],
  ["broadcast", { discovery: { broadcast: 5 } }],
  ["discovery.rendezvous", { discovery: { rendezvous: "https://example.com" } }],
  ["admission.token", { admission: { token: 5 } }],
  ["logger", { logger: {} }],
  ["clock", { clock: {} }],
  ["rng", { rng: Math.random }],
  ["transport", { transport: {} }],
  ["transport", { transport: { schemes: [], dial: async () => {} } }],
  ["transports", { transports: {} }],
  ["transports", { transports: [{}] }],
])("%s is refused, by name, if it is not what it must be", (name, options) => {
  expect(() => read(options)).toThrow(ValidationError);
  expect(() => read(options)).toThrow(`${name} must be`);
});

test.each<[string, Partial<PeerNetworkOptions>]>([
  ["a secret", { jwtSecret }],
  ["issuers of tokens", { admission: { issuers: [DeviceIdentity.generate().publicKey] } }],
  ["certificates of TLS", { enableTLS: true, tlsCa: "ca.pem" }],
])("a peer whose others must authenticate, by %s, listens at every interface", (_what, options) => {
  const { listenAddress } = read(options);

  expect(listenAddress).toMatch(/^wss?:\/\/(0\.0\.0\.0|\[::\]):8080$/);
  expect(read({ ...options, host: "127.0.0.1" }).listenAddress).toContain("127.0.0.1:8080");
});

test.each<[string, Partial<PeerNetworkOptions>]>([
  ["nothing", {}],
  ["TLS that anybody may speak", { enableTLS: true }],
])("a peer that tells others apart by %s stays on this machine", (_what, options) => {
  expect(read(options).listenAddress).toContain("127.0.0.1");
  expect(() => read({ ...options, host: "0.0.0.0" })).toThrow("can be reached from other machines");
});

test("a short secret is refused where the network is strict", () => {
  for (const options of [
    { jwtSecret: "hunter2" },
    { enableMessageSigning: true, signingKey: "hunter2" },
  ]) {
    expect(() => read({ ...options, strict: true })).toThrow("32 bytes or more");
    expect(() => read({ ...options, logger: silentLogger })).not.toThrow();
  }
});

test("a short signingKey is warned of, and not told", () => {
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (said: unknown) => warnings.push(said) };
  read({ enableMessageSigning: true, signingKey: "hunter2", logger });
  read({ enableMessageSigning: true, signingKey: jwtSecret, logger });

  expect(warnings).toHaveLength(1);
  expect(String(warnings)).not.toContain("hunter2");
});

test("a key to sign with is who the peer is; without one its identity signs", () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const { identity, channel, keepsIdentity } = read({
    ...{ enableMessageSigning: true, signingKey: privateKey },
  });

  expect(identity.publicKey).toEqual(new DeviceIdentity(privateKey).publicKey);
  expect(keepsIdentity).toBe(true);
  expect(channel.signing).toEqual({ kind: "identity" });
  expect(read({ enableMessageSigning: true }).channel.signing).toEqual({ kind: "identity" });
  const other = DeviceIdentity.generate();
  expect(() => read({ signingKey: privateKey, identity: other })).toThrow("a device has one key");
});

test("TLS is dialled and listened at by wss, and bound to", () => {
  const settings = read({ enableTLS: true, port: 0 });

  expect(settings.listenAddress).toBe("wss://127.0.0.1:0");
  expect(settings.addressOf("::1", 99)).toBe("wss://[::1]:99");
  expect(settings.channel.channelBinding).toBe("require");
  expect(read().addressOf("host", 99)).toBe("ws://host:99");
});

/** A transport that tells what is asked of it. */
function asked(schemes: readonly string[], asks: string[], listens = true): Transport {
  const ask = async (address: string): Promise<never> => {
    asks.push(`${schemes.join()} ${address}`);
    throw new Error("no more than asked");
  };
  return { schemes, dial: ask, ...(listens && { listen: ask }) };
}

test("of several transports an address says which by its scheme", async () => {
  const asks: string[] = [];
  const { transport } = read({
    transports: [asked(["tcp"], asks), asked(["ssh"], asks, false), asked(["tcp", "ws"], asks)],
  });
  await expect(transport.dial("tcp://a:1")).rejects.toThrow("asked");
  await expect(transport.dial("WS://a:1")).rejects.toThrow("asked");
  await expect(transport.listen?.("ws://a:1", () => {})).rejects.toThrow("asked");

  expect(asks).toEqual(["tcp tcp://a:1", "tcp,ws WS://a:1", "tcp,ws ws://a:1"]);
  expect(transport.schemes).toEqual(["tcp", "ssh", "ws"]);
  await expect(transport.listen?.("ssh://a", () => {})).rejects.toMatchObject({
    code: "UNSUPPORTED",
  });
  await expect(transport.dial("smtp://a")).rejects.toThrow("begins with tcp:, ssh:, ws:");
});

test("an address is not made of what is no host or port", () => {
  const { addressOf } = read();

  expect(() => addressOf(5 as never, 80)).toThrow("host must be a text");
  for (const port of [-1, 65_536, "80", undefined]) {
    expect(() => addressOf("host", port as never)).toThrow("port must be a whole number");
  }
});

test("host and port are for the transport that comes first", () => {
  expect(read({ transports: [tcpTransport(), memoryTransport()] }).listenAddress).toBe(
    "tcp://127.0.0.1:8080",
  );
  expect(read({ transport: memoryTransport(), listenAddress: "memory:a" }).listenAddress).toBe(
    "memory:a",
  );
});

test("with TLS, WebSockets are there beside the transports that are given", () => {
  const { transport } = read({ enableTLS: true, transports: [memoryTransport()] });

  expect(transport.schemes).toEqual(["memory", "ws", "wss"]);
});
