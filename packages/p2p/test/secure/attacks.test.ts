import {
  type CloseReason,
  type Link,
  memoryTransport,
  PermissionError,
  ProtocolError,
} from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { settle } from "@net/core/testing";
import { expect, test } from "vitest";
import type { NoiseRole } from "../../src/noise/handshake.ts";
import { type ChannelBinding, DEFAULT_CHANNEL_POLICY } from "../../src/secure/channel-policy.ts";
import { type Secured, type SecureOptions, secure } from "../../src/secure/secure.ts";

type Mangle = (frame: Uint8Array, index: number) => readonly Uint8Array[];
type Changes = Partial<SecureOptions<Uint8Array>>;

const faithful: Mangle = (frame) => [frame];

function secured(link: Link, role: NoiseRole, changes: Changes = {}): Promise<Secured<Uint8Array>> {
  return secure(link, {
    ...{ role, context: "link", identity: DeviceIdentity.generate() },
    introduction: Buffer.from(`the ${role}`),
    check: (_body, device) => device,
    errorOf: ({ code, message }: CloseReason) => new ProtocolError(`${code}: ${message}`),
    refuse: async (refused) => refused.close({ code: "refused", message: "not you" }),
    signal: new AbortController().signal,
    ...changes,
  });
}

/** A link with somebody in between who reads all, and passes on what he likes. */
async function wire(mangle: Mangle = faithful) {
  const network = memoryTransport();
  const seen: Uint8Array[] = [];
  const [atListener, beyond] = [Promise.withResolvers<Link>(), Promise.withResolvers<Link>()];
  await network.listen("memory:target", atListener.resolve);
  await network.listen("memory:middle", beyond.resolve);
  const initiator = await network.dial("memory:middle");
  const [near, far] = [await beyond.promise, await network.dial("memory:target")];
  const pass = (to: Link, change: Mangle): ((frame: Uint8Array) => void) => {
    let index = 0;
    return (frame) => {
      seen.push(Uint8Array.from(frame));
      for (const each of change(frame, index++)) to.send(each);
    };
  };
  near.receive(pass(far, mangle));
  far.receive(pass(near, faithful));
  void near.closed.then(({ code, message }) => far.close({ code, message }));
  void far.closed.then(({ code, message }) => near.close({ code, message }));
  return { initiator, responder: await atListener.promise, near, seen };
}

/** Both ends after their handshake, and what comes out at the responder. */
async function met(mangle?: Mangle) {
  const { initiator, responder, near, seen } = await wire(mangle);
  const [here, there] = await Promise.all([
    secured(initiator, "initiator"),
    secured(responder, "responder"),
  ]);
  const received: string[] = [];
  there.link.receive((frame) => received.push(Buffer.from(frame).toString()));
  here.link.receive(() => {});
  return { here: here.link, there: there.link, near, seen, received };
}

const flipLastBit: Mangle = (frame) => [frame.with(frame.length - 1, (frame.at(-1) ?? 0) ^ 1)];

/** The frames after the two of the initiator's handshake. */
function afterHandshake(mangle: Mangle): Mangle {
  return (frame, index) => (index < 2 ? [frame] : mangle(frame, index - 2));
}

test("nobody in between reads what is said, nor who says it", async () => {
  const { here, seen, received } = await met();
  here.send(Buffer.from("a secret of the two"));
  await settle();
  const all = Buffer.concat(seen).toString("latin1");

  expect(received).toEqual(["a secret of the two"]);
  expect(seen.length).toBeGreaterThan(3);
  for (const text of ["a secret", "the initiator", "the responder"])
    expect(all).not.toContain(text);
});

test("over TLS a batch travels in the clear of its channel, and is authenticated all the same", async () => {
  const { initiator, responder, seen } = await wire(afterHandshake(flipLastBit));
  const bound = { encrypted: true, channelBinding: new Uint8Array(32) };
  for (const link of [initiator, responder])
    Object.defineProperty(link, "security", { value: bound });
  const [here, there] = await Promise.all([
    secured(initiator, "initiator"),
    secured(responder, "responder"),
  ]);
  here.link.receive(() => {});
  there.link.receive(() => {});
  here.link.send(Buffer.from("for the two"));

  expect(await there.link.closed).toMatchObject({ code: "protocol-error" });
  expect(Buffer.concat(seen).toString("latin1")).toContain("for the two");
});

/** Both ends of a wire whose two halves are two TLS channels. */
async function betweenTwoChannels(channelBinding: ChannelBinding, mangle?: Mangle) {
  const way = await wire(mangle);
  for (const [index, link] of [way.initiator, way.responder].entries()) {
    const security = { encrypted: true, channelBinding: new Uint8Array(32).fill(index + 1) };
    Object.defineProperty(link, "security", { value: security });
  }
  const policy = { ...DEFAULT_CHANNEL_POLICY, channelBinding };
  const ends = Promise.allSettled([
    secured(way.initiator, "initiator", { policy }),
    secured(way.responder, "responder", { policy }),
  ]);
  return { ...way, ends: await ends };
}

test("somebody between two TLS channels is found out", async () => {
  const { ends } = await betweenTwoChannels("require");

  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(ends[0]).toMatchObject({ reason: { code: "AUTHENTICATION_FAILED" } });
  expect(String((ends[0] as PromiseRejectedResult).reason)).toContain("somebody in between");
});

test.each(["prefer", "off"] as const)(
  "where binding is set to %s, who is between two TLS channels reads nothing all the same",
  async (binding) => {
    const { ends, seen } = await betweenTwoChannels(binding);
    const [here, there] = ends.map(
      (end) => (end as PromiseFulfilledResult<Secured<Uint8Array>>).value,
    );
    const received: string[] = [];
    there?.link.receive((frame) => received.push(Buffer.from(frame).toString()));
    here?.link.receive(() => {});
    here?.link.send(Buffer.from("for the two"));
    await settle();

    expect(received).toEqual(["for the two"]);
    expect(Buffer.concat(seen).toString("latin1")).not.toContain("for the two");
  },
);

test("whoever is to be bound does not take a TLS channel without a name, nor one that ends elsewhere", async () => {
  const policy = { ...DEFAULT_CHANNEL_POLICY, channelBinding: "require" } as const;
  for (const security of [
    { encrypted: true },
    { encrypted: true, channelBinding: new Uint8Array(32) },
  ]) {
    const { initiator, responder } = await wire();
    Object.defineProperty(initiator, "security", { value: security });
    const responding = secured(responder, "responder");
    responding.catch(() => {});

    await expect(secured(initiator, "initiator", { policy })).rejects.toMatchObject({
      code: "AUTHENTICATION_FAILED",
    });
  }
});

test("a plain link needs no binding: it is encrypted", async () => {
  const { initiator, responder, seen } = await wire();
  const policy = { ...DEFAULT_CHANNEL_POLICY, channelBinding: "require" } as const;
  const [here, there] = await Promise.all([
    secured(initiator, "initiator", { policy }),
    secured(responder, "responder", { policy }),
  ]);
  there.link.receive(() => {});
  here.link.send(Buffer.from("for the two"));
  await settle();

  expect(here.link.security.encrypted).toBe(true);
  expect(Buffer.concat(seen).toString("latin1")).not.toContain("for the two");
});

test.each([
  ["both ends say so", true, true, false],
  ["only one does", true, false, true],
])(
  "a link on this machine, where %s, goes without encryption: %s",
  async (_what, mine, theirs, encrypted) => {
    const { initiator, responder, seen, near } = await wire();
    const policies = [mine, theirs].map((plaintext) => ({ ...DEFAULT_CHANNEL_POLICY, plaintext }));
    const [here, there] = await Promise.all([
      secured(initiator, "initiator", { policy: policies[0] }),
      secured(responder, "responder", { policy: policies[1] }),
    ]);
    there.link.receive(() => {});
    here.link.receive(() => {});
    here.link.send(Buffer.from("in the clear?"));
    await settle();

    expect([here, there].map(({ link }) => link.security.encrypted)).toEqual([
      encrypted,
      encrypted,
    ]);
    expect(Buffer.concat(seen).toString("latin1").includes("in the clear?")).toBe(!encrypted);
    near.send(Buffer.from("made up"));
    expect(await here.link.closed).toMatchObject({ code: "protocol-error" });
  },
);

test("a link to another machine is encrypted, whatever its ends would do without", async () => {
  const { initiator, responder } = await wire();
  for (const link of [initiator, responder]) {
    Object.defineProperty(link, "remoteAddress", { value: "ws://10.0.0.7:8080/" });
  }
  const policy = { ...DEFAULT_CHANNEL_POLICY, plaintext: true };
  const [here] = await Promise.all([
    secured(initiator, "initiator", { policy }),
    secured(responder, "responder", { policy }),
  ]);

  expect(here.link.security.encrypted).toBe(true);
});

test("both ends know the other's device, and the same name for their channel", async () => {
  const [laptop, server] = [DeviceIdentity.generate(), DeviceIdentity.generate()];
  const { initiator, responder } = await wire();
  const [here, there] = await Promise.all([
    secured(initiator, "initiator", { identity: laptop }),
    secured(responder, "responder", { identity: server }),
  ]);

  expect(here.other).toEqual(server.publicKey);
  expect(there.other).toEqual(laptop.publicKey);
  expect(here.link.security).toEqual({ encrypted: true, channelBinding: there.link.handshakeHash });
});

test.each<[string, Mangle]>([
  ["altered", flipLastBit],
  ["repeated", (frame) => [frame, Uint8Array.from(frame)]],
  ["left out", (frame, index) => (index === 0 ? [] : [frame])],
  ["cut", (frame) => [frame.subarray(0, frame.length - 1)]],
  ["in the clear", (frame) => [Buffer.from("in the clear"), frame]],
  ["empty", (frame) => [new Uint8Array(0), frame]],
])("a batch that was %s ends the link, and says so at both ends", async (what, mangle) => {
  const { here, there, received } = await met(afterHandshake(mangle));
  here.send(Buffer.from("one"));
  await settle();
  if (what === "left out") here.send(Buffer.from("two"));

  expect(await there.closed).toMatchObject({
    code: "protocol-error",
    error: { code: "PROTOCOL_ERROR" },
  });
  expect(await here.closed).toMatchObject({ code: "protocol-error", remote: true });
  expect(received).toEqual(what === "repeated" ? ["one"] : []);
});

test("a batch that comes back to its sender is none to him", async () => {
  const { here, near, seen } = await met();
  here.send(Buffer.from("hello"));
  await settle();
  near.send(seen.at(-1) ?? new Uint8Array(0));

  expect(await here.closed).toMatchObject({ code: "protocol-error" });
});

test("an end that somebody in between makes up is only a lost link", async () => {
  const { here, near } = await met();
  await near.close({ code: "unauthorized", message: "go away, and do not come back" });

  expect(await here.closed).toMatchObject({ code: "lost", remote: true });
});

test("a goodbye is signed: its reason arrives, after everything that was sent before it", async () => {
  const { here, there, received } = await met();
  here.send(Buffer.from("one"));
  here.send(Buffer.from("two"));
  await here.close({ code: "going-away", message: "updating" });

  expect(await there.closed).toEqual({ code: "going-away", message: "updating", remote: true });
  expect(received).toEqual(["one", "two"]);
});

test("the initiator looks at who is there before it says who it is", async () => {
  const { initiator, responder, seen } = await wire();
  const responding = secured(responder, "responder");
  const refusing = secured(initiator, "initiator", {
    check: () => {
      throw new PermissionError("not that device");
    },
  });

  await expect(refusing).rejects.toThrow("not that device");
  await expect(responding).rejects.toThrow("refused: not you");
  expect(seen).toHaveLength(2);
});

test("a responder that refuses says so under the seal", async () => {
  const { initiator, responder } = await wire();
  const refusing = secured(responder, "responder", {
    check: () => {
      throw new PermissionError("not that device");
    },
  });
  refusing.catch(() => {});
  const { link } = await secured(initiator, "initiator");
  link.receive(() => {});

  await expect(refusing).rejects.toThrow("not that device");
  expect(await link.closed).toEqual({ code: "refused", message: "not you", remote: true });
});

test("who puts another's introduction into a handshake of his own is found out", async () => {
  const { initiator, responder } = await wire();
  const victim = DeviceIdentity.generate();
  // A thief knows the victim's public key, and not what signs for it.
  const thief = { publicKey: victim.publicKey, sign: () => new Uint8Array(64) };
  const responding = secured(responder, "responder");
  responding.catch(() => {});
  const { link } = await secured(initiator, "initiator", {
    identity: thief as unknown as DeviceIdentity,
  });
  link.receive(() => {});

  await expect(responding).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
});

test("ends that mean different things by their link do not meet", async () => {
  const { initiator, responder } = await wire();
  const ends = await Promise.allSettled([
    secured(initiator, "initiator", { context: "link" }),
    secured(responder, "responder", { context: "end-to-end" }),
  ]);

  expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("aborting ends a handshake with somebody who says nothing", async () => {
  const network = memoryTransport();
  await using _mute = await network.listen("memory:mute", (link) => link.receive(() => {}));
  const controller = new AbortController();
  const link = await network.dial("memory:mute");
  const handshake = secured(link, "initiator", { signal: controller.signal });
  controller.abort();

  await expect(handshake).rejects.toMatchObject({ code: "ABORTED" });
  expect(await link.closed).toMatchObject({ code: "refused", remote: false });
});
