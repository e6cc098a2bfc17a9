import { generateKeyPairSync } from "node:crypto";
import { silentLogger } from "@net/core";
import { DeviceIdentity, fingerprint } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

// What a PeerNetwork makes of its options: who is let in, and what he may do.

const unauthorized = { code: "AUTHENTICATION_FAILED" };
const denied = { code: "PERMISSION_DENIED" };
const secret = "what all of them know, 32 bytes long";

test("without a secret, a device that is trusted to lets others in by a token for theirs", async () => {
  await using net = new TestNetwork();
  const [boss, guest] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  const admission = { issuers: [boss.publicKey] };
  const [atBoss, server] = [
    await net.peer("boss", { identity: boss, admission }),
    await net.peer("server", { identity: DeviceIdentity.generate(), admission }),
  ];
  server.registerTool({ name: "search", permission: "search.web" }, () => "found");
  server.registerTool({ name: "wipe", permission: "files.delete" }, () => "gone");
  const token = await atBoss.generateJWT({
    sub: "guest",
    device: guest.publicKey,
    tools: ["search.*"],
  });
  const atGuest = await net.peer("guest", { identity: guest });
  await atGuest.connect("memory:server", { token });

  expect(await atGuest.executeRemoteTool("server", "search")).toBe("found");
  await expect(atGuest.call("server", "wipe")).rejects.toMatchObject(denied);
  const thief = await net.peer("guest", { listenAddress: "memory:thief" });
  await expect(thief.connect("memory:server", { token })).rejects.toThrow("another device's key");
});

test("peers that were each given a token link to each other, whoever dials", async () => {
  await using net = new TestNetwork();
  const boss = DeviceIdentity.generate();
  const admission = { issuers: [boss.publicKey] };
  const atBoss = await net.peer("boss", { identity: boss, admission });
  const member = async (peerId: string) => {
    const identity = DeviceIdentity.generate();
    const token = () => atBoss.generateJWT({ sub: peerId, device: identity.publicKey });
    return await net.peer(peerId, { identity, admission: { ...admission, token } });
  };
  const [a, b] = [await member("a"), await member("b")];
  await a.connect("memory:b");
  await b.connect("memory:boss");
  const stranger = await net.peer("stranger", { admission });

  expect(b.getConnectedPeers().map(({ peerId }) => peerId)).toEqual(["a", "boss"]);
  await expect(stranger.connect("memory:a")).rejects.toMatchObject(unauthorized);
});

test("a peer is remembered by its key, if it keeps that; another under its id is refused after it has gone, too", async () => {
  await using net = new TestNetwork();
  const knownPeers = new Map<string, Uint8Array>();
  const server = await net.peer("server", { jwtSecret: secret, admission: { knownPeers } });
  const identity = DeviceIdentity.generate();
  const laptop = await net.peer("laptop", { jwtSecret: secret, identity });
  await laptop.connect("memory:server");
  expect(knownPeers.get("laptop")).toEqual(identity.publicKey);
  const gone = server.once("peer:disconnected");
  await laptop.stop();
  await gone;

  const impostor = await net.peer("laptop", {
    jwtSecret: secret,
    listenAddress: "memory:impostor",
  });
  await expect(impostor.connect("memory:server")).rejects.toThrow("under another key");
});

test("a peer whose key is made for the run holds its id only as long as it is linked", async () => {
  await using net = new TestNetwork();
  const server = await net.peer("server", { jwtSecret: secret });
  const laptop = await net.peer("laptop", { jwtSecret: secret });
  await laptop.connect("memory:server");
  const gone = server.once("peer:disconnected");
  await laptop.stop();
  await gone;
  const restarted = await net.peer("laptop", { jwtSecret: secret, listenAddress: "memory:again" });

  await restarted.connect("memory:server");
  expect(server.getConnectedPeers()).toHaveLength(1);
});

test("only peers on the list are linked, whoever dials, and each calls what is listed for it", async () => {
  await using net = new TestNetwork();
  const desk = DeviceIdentity.generate();
  const device = `device:${fingerprint(desk.publicKey)}`;
  const server = await net.peer("server", {
    jwtSecret: secret,
    allow: {
      peers: ["laptop", "gpu-*", device],
      tools: { laptop: ["search"], "gpu-*": ["files.*"] },
    },
  });
  server.registerTool({ name: "search" }, () => "found");
  server.registerTool({ name: "wipe", permission: "files.delete" }, () => "gone");
  const peer = (id: string, identity = DeviceIdentity.generate()) =>
    net.peer(id, { jwtSecret: secret, identity });
  const [laptop, gpu, atDesk, phone] = [
    ...[await peer("laptop"), await peer("gpu-1"), await peer("desk", desk), await peer("phone")],
  ];
  for (const each of [laptop, gpu, atDesk]) await each?.connect("memory:server");

  expect(await laptop?.executeRemoteTool("server", "search")).toBe("found");
  expect(await gpu?.executeRemoteTool("server", "wipe")).toBe("gone");
  for (const refused of [
    laptop?.call("server", "wipe"),
    gpu?.call("server", "search"),
    atDesk?.call("server", "search"),
  ]) {
    await expect(refused).rejects.toMatchObject(denied);
  }
  await expect(phone?.connect("memory:server")).rejects.toMatchObject(denied);
  await expect(server.connect("memory:phone")).rejects.toMatchObject(denied);
});

test.each<[string, object]>([
  ["a common text", { signingKey: secret }],
  ["their devices' keys", {}],
])(
  "peers that sign with %s call each other; one that does not sign, or otherwise, is refused at once",
  async (_what, signing) => {
    await using net = new TestNetwork();
    const signed = { enableMessageSigning: true, ...signing };
    const [a, b] = [await net.peer("a", signed), await net.peer("b", signed)];
    b.registerTool({ name: "echo" }, (text) => text);
    await a.connect("memory:b");
    expect(await a.executeRemoteTool("b", "echo", "hello")).toBe("hello");

    const silent = await net.peer("silent");
    await expect(silent.connect("memory:b")).rejects.toThrow("signs its messages with");
    const other = await net.peer("other", {
      ...signed,
      signingKey: "another secret, just as long as it",
    });
    await expect(other.connect("memory:b")).rejects.toMatchObject(unauthorized);
  },
);

test("a key to sign with is who the peer is", async () => {
  await using net = new TestNetwork();
  const { privateKey } = generateKeyPairSync("ed25519");
  const devices: unknown[] = [];
  await net.peer("b", {
    enableMessageSigning: true,
    admit: ({ device }) => devices.push(device) > 0,
  });
  const a = await net.peer("a", { enableMessageSigning: true, signingKey: privateKey });
  await a.connect("memory:b");

  expect(devices).toEqual([new DeviceIdentity(privateKey).publicKey]);
});

test("a flood of handshakes is as large as the network is told", async () => {
  await using net = new TestNetwork();
  await net.peer("a", { limits: { maxPendingHandshakes: 2, handshakeTimeout: 1_000 } });
  const flood = await Promise.all([1, 2, 3].map(() => net.memory.at("stranger").dial("memory:a")));
  for (const stranger of flood) stranger.receive(() => {});
  await settle();
  expect(await flood[2]?.closed).toMatchObject({ code: "overloaded" });
  await net.clock.advance(1_000);

  expect(await flood[0]?.closed).toMatchObject({ code: "timeout" });
});

test("where it is strict, a token that names no device lets nobody in", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret: secret, strict: true });
  const identity = DeviceIdentity.generate();
  const guest = await net.peer("guest", { identity });
  await expect(
    guest.connect("memory:host", { token: host.generateJWT({ sub: "guest" }) }),
  ).rejects.toThrow("names no device");
  const token = host.generateJWT({ sub: "guest", device: identity.publicKey });

  await guest.connect("memory:host", { token });
  expect(host.getConnectedPeers()).toHaveLength(1);
});

test("a short secret is told of by its name, never by its text", async () => {
  await using net = new TestNetwork();
  const lines: unknown[] = [];
  const logger = { ...silentLogger, warn: (said: unknown) => void lines.push(said) };
  net.idle("a", { jwtSecret: "hunter2", logger });

  expect(String(lines)).toContain("jwtSecret");
  expect(String(lines)).not.toContain("hunter2");
  expect(() => net.idle("b", { jwtSecret: "hunter2", strict: true })).toThrow("jwtSecret");
});
