import assert from "node:assert/strict";
import { AbortedError, ConnectionError, ValidationError } from "../../errors/kinds.ts";
import type { Link } from "../../link/transport.ts";
import { Inbox, numbered, openPair, type Scenario } from "./harness.ts";

export const dialling: Readonly<Record<string, Scenario>> = {
  "an address that breaks the grammar is a ValidationError, to dial and to listen at": async (
    harness,
    signal,
  ) => {
    const transport = harness.transport();
    for (const address of harness.badAddresses) {
      await assert.rejects(transport.dial(address, { signal }), isValidation, address);
      await assert.rejects(transport.listen(address, refuse, { signal }), isValidation, address);
    }
  },

  "a dial to where nobody listens is a ConnectionError": async (harness, signal) => {
    const dial = harness.transport().dial(harness.refusedAddress(), { signal });
    await assert.rejects(dial, (error) => ConnectionError.is(error, "CONNECTION_REFUSED"));
  },

  "a dial and a listen with an aborted signal reject with AbortedError": async (harness) => {
    const transport = harness.transport();
    const aborted = { signal: AbortSignal.abort(new Error("changed my mind")) };
    await assert.rejects(transport.dial(harness.refusedAddress(), aborted), isAborted);
    await assert.rejects(transport.listen(harness.listenAddress(), refuse, aborted), isAborted);
  },

  "a dial that is aborted on the way rejects and leaves nothing open": async (harness, signal) => {
    const transport = harness.transport();
    const accepted: Link[] = [];
    await using listener = await transport.listen(harness.listenAddress(), (link) => {
      link.receive(() => {});
      accepted.push(link);
    });
    const controller = new AbortController();
    const dial = transport.dial(listener.address, { signal: controller.signal });
    controller.abort(new Error("changed my mind"));
    await assert.rejects(dial, isAborted);
    const link = await transport.dial(listener.address, { signal });
    await link.close();
    for (const open of accepted) await open.closed;
  },

  "two cannot listen at one address": async (harness, signal) => {
    const transport = harness.transport();
    await using listener = await transport.listen(harness.listenAddress(), refuse, { signal });
    await assert.rejects(transport.listen(listener.address, refuse, { signal }), (error) =>
      ConnectionError.is(error, "ADDRESS_IN_USE"),
    );
  },

  "a closed listener refuses new links and leaves open ones alone; closing twice is once": async (
    harness,
    signal,
  ) => {
    const transport = harness.transport();
    const accepted = Promise.withResolvers<Link>();
    const listener = await transport.listen(harness.listenAddress(), accepted.resolve, { signal });
    const dialler = await transport.dial(listener.address, { signal });
    const inbox = new Inbox(await accepted.promise);

    await listener.close();
    await listener.close();

    await assert.rejects(transport.dial(listener.address, { signal }), ConnectionError);
    dialler.send(numbered(1));
    await inbox.until(1, signal);
    dialler.abort();
    (await accepted.promise).abort();
  },

  "the signal of listen ends the attempt, not the listener": async (harness, signal) => {
    const transport = harness.transport();
    const controller = new AbortController();
    const options = { signal: controller.signal };
    await using listener = await transport.listen(harness.listenAddress(), ignore, options);
    controller.abort();
    const link = await transport.dial(listener.address, { signal });
    link.abort();
  },

  "a link knows its other end and whether it is encrypted": async (harness, signal) => {
    await using pair = await openPair(harness, signal);
    const [scheme] = pair.address.split(":");
    for (const { remoteAddress, security, maxFrameBytes } of [pair.dialler, pair.acceptor]) {
      assert.ok(remoteAddress.startsWith(`${scheme}:`), remoteAddress);
      assert.equal(typeof security.encrypted, "boolean");
      assert.ok(maxFrameBytes > 0);
    }
  },
};

function ignore(link: Link): void {
  link.receive(() => {});
}

function refuse(link: Link): void {
  link.abort({ code: "refused" });
}

function isValidation(error: unknown): boolean {
  return ValidationError.is(error, "INVALID_ARGUMENT");
}

function isAborted(error: unknown): boolean {
  return AbortedError.is(error) && (error.cause as Error).message === "changed my mind";
}
