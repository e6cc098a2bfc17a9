import { DeviceIdentity } from "@net/core/identity";
import { expect, test } from "vitest";
import { TestNetwork } from "../support/test-network.ts";

const jwtSecret = "a secret of the test, 32 bytes long";
const denied = { code: "PERMISSION_DENIED" };

test("a guest may call the tools that its token names, by their name or permission, and no others", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });
  const guest = await net.peer("guest");
  host.registerTool({ name: "web", permission: "search.web" }, () => "found");
  host.registerTool({ name: "search.docs" }, () => "read");
  host.registerTool({ name: "delete", permission: "files.delete" }, () => "gone");
  host.registerTool({ name: "open" }, () => "open");
  const token = await host.generateJWT({ sub: "guest", tools: ["search.*"] });
  await guest.connect("memory:host", { token });

  expect(await guest.executeRemoteTool("host", "web")).toBe("found");
  expect(await guest.executeRemoteTool("host", "search.docs")).toBe("read");
  for (const tool of ["open", "delete"]) {
    await expect(guest.call("host", tool)).rejects.toMatchObject(denied);
  }
});

test("a guest whose token says nothing of tools may call those that ask for no permission", async () => {
  await using net = new TestNetwork();
  const host = await net.peer("host", { jwtSecret });
  const guest = await net.peer("guest");
  host.registerTool({ name: "delete", permission: "files.delete" }, () => "gone");
  host.registerTool({ name: "open" }, () => "open");
  await guest.connect("memory:host", { token: host.generateJWT({ sub: "guest" }) });

  expect(await guest.executeRemoteTool("host", "open")).toBe("open");
  await expect(guest.call("host", "delete")).rejects.toMatchObject(denied);
});

test("a guest behind a relay is held to the tools that its token names, too", async () => {
  await using net = new TestNetwork();
  const [host, relay] = [
    await net.peer("host", { jwtSecret }),
    await net.peer("relay", { jwtSecret, relay: true }),
  ];
  const identity = DeviceIdentity.generate();
  const token = await host.generateJWT({
    ...{ sub: "guest", device: identity.publicKey, tools: ["search.*"] },
  });
  const guest = await net.peer("guest", { identity, admission: { token: () => token } });
  host.registerTool({ name: "search.docs" }, () => "read");
  host.registerTool({ name: "open" }, () => "open");
  await relay.connect("memory:host");
  await guest.connect("memory:relay");
  await net.calm();

  expect(await guest.call("host", "search.docs")).toMatchObject({ value: "read", hops: 2 });
  await expect(guest.call("host", "open")).rejects.toMatchObject(denied);
});

test("a member that knows the secret may call everything", async () => {
  await using net = new TestNetwork();
  const [host, member] = [
    await net.peer("host", { jwtSecret }),
    await net.peer("member", { jwtSecret }),
  ];
  host.registerTool({ name: "delete", permission: "files.delete" }, () => "gone");
  await member.connect("memory:host");

  expect(await member.executeRemoteTool("host", "delete")).toBe("gone");
});

test("in a network without a secret nobody has a permission, except for this peer itself", async () => {
  await using net = new TestNetwork();
  const [a, b] = await net.line("a", "b");
  b?.registerTool({ name: "delete", permission: "files.delete" }, () => "gone");

  await expect(a?.call("b", "delete")).rejects.toMatchObject(denied);
  expect(await b?.executeRemoteTool("b", "delete")).toBe("gone");
});

test("a caller behind a relay shows what it may do as a neighbour does", async () => {
  await using net = new TestNetwork();
  const [a, b, c] = await Promise.all(
    ["a", "b", "c"].map((id) => net.peer(id, { jwtSecret, relay: true })),
  );
  await a?.connect("memory:b");
  await b?.connect("memory:c");
  c?.registerTool({ name: "delete", permission: "files.delete" }, () => "gone");
  await net.calm();

  expect(await a?.call("c", "delete")).toMatchObject({ value: "gone", hops: 2 });
});
