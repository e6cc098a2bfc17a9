import { type Clock, systemClock } from "@net/core";
import { expect, test } from "vitest";
import { Admission, type Binding } from "../../src/admission/admission.ts";
import { grantsOf, isGranted } from "../../src/admission/grants.ts";
import { TokenIssuer } from "../../src/admission/token.ts";

function admissionOf(peerId: string, clock: Clock = systemClock): Admission {
  const secret = "a secret of the test, 32 bytes long";
  const issuer = new TokenIssuer({ secret, networkId: "net", peerId, clock });
  return new Admission({ clock, issuer });
}

const device = new Uint8Array(32);
const binding: Binding = { channel: "channel-of-a-and-b", role: "dialler", peer: "b" };

test("a token for this channel is taken, again on the same link too", async () => {
  const { token } = await admissionOf("a").show(binding);

  expect(await admissionOf("b").checkDialler("a", { token, device }, binding)).toMatchObject({
    claims: { sub: "a" },
  });
});

test.each([3_600_000, -3_600_000])(
  "a token for this channel is taken though its maker's clock is %i ms off",
  async (offMs) => {
    const off = { ...systemClock, nowMs: () => systemClock.nowMs() + offMs };
    const { token } = await admissionOf("a", off).show(binding);

    const check = admissionOf("b").checkDialler("a", { token, device }, binding);
    await expect(check).resolves.toMatchObject({ claims: { sub: "a" } });
  },
);

test("a token for another channel is not fresh because it names one", async () => {
  const late = { ...systemClock, nowMs: () => systemClock.nowMs() - 3_600_000 };
  const { token } = await admissionOf("a", late).show({ ...binding, channel: "of-another-link" });

  const check = admissionOf("b").checkDialler("a", { token, device }, binding);
  await expect(check).rejects.toThrow("it has expired");
});

test.each<[string, Binding]>([
  ["over another channel", { ...binding, channel: "of-another-link" }],
  ["to another peer", { ...binding, peer: "c" }],
  ["by the other end", { ...binding, role: "acceptor" }],
])("a token that was seen on a link %s is worth nothing on this one", async (_, elsewhere) => {
  const { token } = await admissionOf("a").show(elsewhere);

  const check = admissionOf("b").checkDialler("a", { token, device }, binding);
  await expect(check).rejects.toThrow("it was made for another link");
});

test("a token that was handed out does not do for an acceptor", async () => {
  const secret = "a secret of the test, 32 bytes long";
  const issuer = new TokenIssuer({ secret, networkId: "net", peerId: "x", clock: systemClock });
  const token = await issuer.issue({ sub: "b" });

  const check = admissionOf("a").checkAcceptor(
    "b",
    { token, device },
    { ...binding, role: "acceptor" },
  );
  await expect(check).rejects.toThrow("it was made for another link");
});

test.each([
  ["search.web", ["search.web"], true],
  ["search.web", ["search.*"], true],
  ["search.web", ["*"], true],
  ["search.web", ["files.*", "search"], false],
  ["searching", ["search.*"], false],
  ["search.web", [], false],
  ["search.web", "all" as const, true],
])("%s under %j is granted: %s", (permission, grants, granted) => {
  expect(isGranted(permission, grants)).toBe(granted);
});

test("whoever made his token himself may do everything, others what it names", () => {
  const claims = { jti: "1", iat: 0, exp: 1, iss: "a", sub: "a" };

  expect(grantsOf({ claims })).toBe("all");
  expect(grantsOf({ claims: { ...claims, iss: "b" } })).toEqual([]);
  expect(grantsOf({ claims: { ...claims, iss: "b", tools: ["x", 1] } })).toEqual(["x"]);
  expect(grantsOf({})).toEqual([]);
});
