import { systemClock } from "@net/core";
import { expect, test } from "vitest";
import type { Channel } from "../../src/channel/channel.ts";
import { RouteLink } from "../../src/relay/route-link.ts";

test("who is in a hurry has the first link send what it was given", () => {
  const seen: (string | number)[] = [];
  const first = {
    closed: new Promise(() => {}),
    offerFrame: (frame: Uint8Array) => seen.push(frame.byteLength),
    flush: () => seen.push("flush"),
  };
  const link = new RouteLink({
    ...{ path: ["a", "r", "b"], session: "00".repeat(8), role: "initiator", bulk: false },
    ...{ first: first as unknown as Channel, clock: systemClock },
  });
  link.send(new Uint8Array(100));
  expect(seen).toEqual([12 + 3 * 3 + 100]);
  link.flush();

  expect(seen.slice(1)).toEqual(["flush"]);
});
