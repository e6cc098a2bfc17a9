import { createHmac } from "node:crypto";
import { AuthenticationError, PermissionError, silentLogger } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const jwtSecret = "a secret of the test, 32 bytes long";

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString("base64url");
}

function readClaims(token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
}

/** The token's claims under another header, signed with whatever the header says. */
function resign(token: string, header: { alg: string }, key: string): string {
  const signed = `${part(header)}.${token.split(".")[1]}`;
  const hash = header.alg.replace("HS", "sha");
  const signature =
    header.alg === "none" ? "" : createHmac(hash, key).update(signed).digest("base64url");
  return `${signed}.${signature}`;
}

test("peers that know the secret prove it to each other", async () => {
  await using net = new TestNetwork();
  const seen: unknown[] = [];
  const [a, b] = [
    await net.peer("a", { jwtSecret, admit: ({ claims }) => seen.push(claims?.sub) > 0 }),
    await net.peer("b", { jwtSecret, admit: ({ claims }) => seen.push(claims?.sub) > 0 }),
  ];
  const peer = await a.connect("memory:b");

  expect(peer).toMatchObject({ peerId: "b", name: "b", address: "memory:b" });
  expect(b.getConnectedPeers()).toMatchObject([{ peerId: "a" }]);
  expect(seen.sort()).toEqual(["a", "b"]);
});

test("a peer without the secret is refused, and both sides get to know", async () => {
  await using net = new TestNetwork();
  const guarded = await net.peer("guarded", { jwtSecret });
  const stranger = await net.peer("stranger");
  const refusal = guarded.once("peer:refused");

  await expect(stranger.connect("memory:guarded")).rejects.toThrow(AuthenticationError);
  expect((await refusal)[0]).toEqual({
    ...{ address: "memory:stranger", peerId: "stranger" },
    reason: "stranger has shown no token",
  });
  expect(guarded.getConnectedPeers()).toEqual([]);
});

test("a peer with another secret is refused before it gives anything away", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a", { jwtSecret });
  await net.peer("b", { jwtSecret: `not ${jwtSecret}` });

  await expect(a.connect("memory:b")).rejects.toThrow("its signature is wrong");
});

test("an acceptor that cannot prove that it knows the secret is not told anything", async () => {
  await using net = new TestNetwork();
  const a = await net.peer("a", { jwtSecret });
  await net.peer("b");

  await expect(a.connect("memory:b")).rejects.toThrow("b has shown no token");
});

test("a token that was handed out is good for the first device that shows it, again and again", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });
  const identity = DeviceIdentity.generate();
  const guest = await net.peer("guest", { identity });
  const token = await host.generateJWT({ sub: "guest" });
  await guest.connect("memory:host", { token });
  expect(host.getConnectedPeers()).toMatchObject([{ peerId: "guest" }]);

  const gone = host.once("peer:disconnected");
  await guest.stop();
  await gone;
  const thief = net.idle("guest", { listenAddress: "memory:thief" });
  await thief.start();
  await expect(thief.connect("memory:host", { token })).rejects.toThrow(
    "another device has used it",
  );
  const again = net.idle("guest", { listenAddress: "memory:again", identity });
  await again.start();
  await again.connect("memory:host", { token });
  expect(host.getConnectedPeers()).toMatchObject([{ peerId: "guest" }]);
});

test("a token may be awaited by whoever takes it, as generateJWT gives it", async () => {
  await using net = new TestNetwork();
  const [a, b] = [await net.peer("a", { jwtSecret }), await net.peer("b", { jwtSecret })];
  await a.connect("memory:b", { token: a.generateJWT() });

  expect(b.getConnectedPeers()).toHaveLength(1);
});

test("a token that is no longer good is refused", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });
  const guest = await net.peer("guest");
  const token = await host.generateJWT({ sub: "guest" }, { expiresIn: 60_000 });
  await net.clock.advance(60_000 + 31_000);

  await expect(guest.connect("memory:host", { token })).rejects.toThrow("it has expired");
});

test("a token of another peer is refused", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });
  const guest = await net.peer("guest");
  const token = await host.generateJWT({ sub: "somebody-else" });

  await expect(guest.connect("memory:host", { token })).rejects.toThrow("its claim sub is wrong");
});

test("a token of another network is refused", async () => {
  await using net = new TestNetwork();
  await net.peer("host", { jwtSecret });
  const other = net.idle("other", { jwtSecret, networkId: "other" });
  const guest = await net.peer("guest");
  const token = await other.generateJWT({ sub: "guest" });

  await expect(guest.connect("memory:host", { token })).rejects.toThrow("its claim aud is wrong");
});

test.each(["none", "HS384", "HS512"])("a token under the algorithm %s is refused", async (alg) => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });
  const guest = await net.peer("guest");
  const token = resign(await host.generateJWT({ sub: "guest" }), { alg }, jwtSecret);

  await expect(guest.connect("memory:host", { token })).rejects.toThrow(AuthenticationError);
});

test.each(["", "x", "a.b.c", `${"x".repeat(8_000)}`])(
  "what is no token is refused",
  async (token) => {
    await using net = new TestNetwork();
    await net.peer("host", { jwtSecret });
    const guest = await net.peer("guest");

    await expect(guest.connect("memory:host", { token })).rejects.toThrow(AuthenticationError);
  },
);

test("claims that the issuer sets are not the caller's to make", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });

  await expect(host.generateJWT({ exp: 1 })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(host.generateJWT({ sub: "" })).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
  await expect(host.generateJWT({}, { expiresIn: 0 })).rejects.toThrow("expiresIn");
  await expect(host.generateJWT(5 as never)).rejects.toThrow("the claims of a token must be");
  for (const tools of ["x", [5], [""], null]) {
    await expect(host.generateJWT({ tools: tools as string[] })).rejects.toThrow(
      'the claim tools must be a list of tools, as ["search.*"]',
    );
  }
  expect(readClaims(await host.generateJWT({ team: "blue" }))).toMatchObject({
    ...{ iss: "host", sub: "host", aud: "net", team: "blue" },
  });
});

test("without a secret a token is signed with this peer's own key", async () => {
  await using net = new TestNetwork();
  const open = await net.peer("open");
  const token = await open.generateJWT({ sub: "guest" });

  expect(JSON.parse(Buffer.from(token.split(".")[0] ?? "", "base64url").toString())).toMatchObject({
    alg: "EdDSA",
  });
  expect(readClaims(token)).toMatchObject({ iss: "open", sub: "guest" });
});

test("admit has the last word, and its reason reaches the other side", async () => {
  await using net = new TestNetwork();
  const desktop = await net.peer("desktop", { jwtSecret });
  const gpuBox = await net.peer("gpu-box", {
    jwtSecret,
    admit: ({ peerId }) => peerId !== "desktop" || "no desktops here",
  });
  const refusal = gpuBox.once("peer:refused");

  const dial = desktop.connect("memory:gpu-box");
  await expect(dial).rejects.toThrow(PermissionError);
  await expect(dial).rejects.toThrow("desktop was refused: no desktops here");
  expect((await refusal)[0]).toMatchObject({ peerId: "desktop" });
  await expect(gpuBox.connect("memory:desktop")).rejects.toThrow(PermissionError);
});

test("an admit that throws lets nobody in, and its error is told to the log, not to the other side", async () => {
  await using net = new TestNetwork();
  const told: object[] = [];
  const logger = { ...silentLogger, error: (fields: object | string) => told.push(Object(fields)) };
  const admit = (): boolean => {
    throw new RangeError("out of chairs");
  };
  const strict = await net.peer("strict", { admit, logger });
  const a = await net.peer("a");

  const dial = a.connect("memory:strict");
  await expect(dial).rejects.toMatchObject({ code: "CONNECTION_LOST" });
  await expect(dial).rejects.not.toThrow("chairs");
  expect(told).toMatchObject([{ error: { message: "out of chairs" } }]);
  expect(strict.getConnectedPeers()).toEqual([]);
});

test.each<[string, unknown]>([
  ["nothing", undefined],
  ["null", null],
  ["1", 1],
  ["a promise of true", Promise.resolve(true)],
])("an admit that answers %s lets nobody in, and the log tells why", async (_what, answer) => {
  await using net = new TestNetwork();
  const told: unknown[] = [];
  const logger = { ...silentLogger, warn: (_: unknown, said?: string) => told.push(said) };
  const guarded = await net.peer("guarded", { admit: () => answer as boolean, logger });
  const a = await net.peer("a");

  await expect(a.connect("memory:guarded")).rejects.toThrow("a was refused: it is not admitted");
  expect(guarded.getConnectedPeers()).toEqual([]);
  expect(told).toEqual([expect.stringContaining("must answer true, false or a reason")]);
});

test("a short secret is warned of, once and without being told", async () => {
  await using net = new TestNetwork();
  const warnings: unknown[] = [];
  const logger = { ...silentLogger, warn: (said: unknown) => warnings.push(said) };
  net.idle("a", { jwtSecret: "hunter2", logger });
  net.idle("b", { jwtSecret, logger });

  expect(warnings).toHaveLength(1);
  expect(String(warnings)).toContain("shorter than 32 bytes");
  expect(String(warnings)).not.toContain("hunter2");
});
