import { PermissionError } from "@net/core";
import { DeviceIdentity, fingerprint, OwnerIdentity } from "@net/core/identity";
import { expect, test } from "vitest";
import { AllowList } from "../../src/admission/allow-list.ts";
import { assertMayCall, type Rights, rightsOf } from "../../src/admission/grants.ts";
import type { Standing } from "../../src/admission/standing.ts";
import { TestNetwork } from "../support/test-network.ts";

const device = DeviceIdentity.generate().publicKey;
const owner = OwnerIdentity.generate();
const certificate = owner.certify({ device, name: "laptop" });
const laptop = { peerId: "laptop", device, certificate };

test.each([
  ["its id", "laptop", true],
  ["how its id begins", "lap*", true],
  ["its device", `device:${fingerprint(device)}`, true],
  ["its owner", `owner:${owner.fingerprint}`, true],
  ["everybody", "*", true],
  ["another id", "desktop", false],
  ["a part of its id", "lap", false],
  ["another beginning", "desk*", false],
  ["another device", `device:${fingerprint(owner.publicKey)}`, false],
  ["another owner", `owner:${fingerprint(device)}`, false],
])("a list that names %s (%s) lets a peer in: %s", (_what, pattern, isAllowed) => {
  const list = new AllowList({ peers: ["somebody", pattern] });
  const assert = () => list.assertPeer(laptop);

  if (isAllowed) expect(assert).not.toThrow();
  else expect(assert).toThrow(PermissionError);
});

test("nobody is on an empty list, and everybody on none", () => {
  expect(() => new AllowList({ peers: [] }).assertPeer(laptop)).toThrow("not on the list");
  expect(() => new AllowList({}).assertPeer(laptop)).not.toThrow();
});

test("a peer may call what any of the names that fit it may, and nothing if none fits", () => {
  const list = new AllowList({ tools: { laptop: ["a"], "lap*": ["a", "b.*"], desktop: ["c"] } });

  expect(list.toolsOf(laptop)).toEqual(["a", "b.*"]);
  expect(list.toolsOf({ peerId: "phone", device })).toEqual([]);
  expect(new AllowList({}).toolsOf(laptop)).toBeUndefined();
});

const claims = { jti: "1", iat: 0, exp: 1, iss: "host", sub: "guest" };
const open = { name: "search.web" };
const guarded = { name: "wipe", permission: "files.delete" };

function may(tool: { name: string; permission?: string }, rights: Rights): boolean {
  try {
    assertMayCall(tool, rights);
    return true;
  } catch (error) {
    if (PermissionError.is(error)) return false;
    throw error;
  }
}

test.each<[string, Standing, boolean, boolean]>([
  ["of the same owner", { certificate }, true, true],
  ["in an open network", {}, true, false],
  [
    "of another owner, without a grant that fits",
    { certificate, shared: ["files.read"] },
    false,
    false,
  ],
  ["of another owner, with one", { certificate, shared: ["search.*"] }, true, false],
  [
    "of another owner, with one for the permission",
    { certificate, shared: ["files.*"] },
    false,
    true,
  ],
  [
    "of the same owner, that this peer allows one tool",
    { certificate, allowed: ["search.*"] },
    true,
    false,
  ],
  ["that this peer allows a tool with a permission", { allowed: ["wipe"] }, false, true],
  [
    "of another owner, with a grant that this peer does not allow",
    { certificate, shared: ["*"], allowed: ["search.*"] },
    true,
    false,
  ],
  ["with a token that names the tool", { claims: { ...claims, tools: ["search.*"] } }, true, false],
  ["with a token that names nothing", { claims: { ...claims, tools: [] } }, false, false],
  ["with a token that names no list", { claims: { ...claims, tools: "*" } }, false, false],
  ["with a token that says nothing of tools", { claims }, true, false],
  [
    "with a token that names more than this peer allows",
    { claims: { ...claims, tools: ["*"] }, allowed: ["files.*"] },
    false,
    true,
  ],
  ["that this peer allows nothing", { certificate, allowed: [] }, false, false],
])(
  "a peer %s may call an open tool: %s %s, a guarded one: %s",
  (_what, standing, mayOpen, mayGuarded) => {
    const rights = rightsOf(standing);

    expect([may(open, rights), may(guarded, rights)]).toEqual([mayOpen, mayGuarded]);
  },
);

test("a peer that is not on the list is refused, dialled or dialling, and told so", async () => {
  await using net = new TestNetwork();
  const guardedPeer = await net.peer("guarded", { admit: ({ peerId }) => peerId === "laptop" });
  const [phone, laptopPeer] = [await net.peer("phone"), await net.peer("laptop")];

  await expect(phone.connect("memory:guarded")).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
  await expect(guardedPeer.connect("memory:phone")).rejects.toMatchObject({
    code: "PERMISSION_DENIED",
  });
  await laptopPeer.connect("memory:guarded");
});
