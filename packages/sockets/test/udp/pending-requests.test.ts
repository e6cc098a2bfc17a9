import { expect, test } from "vitest";
import { PendingRequests } from "../../src/udp/pending-requests.ts";

const datagram = { data: Buffer.from("answer"), host: "127.0.0.1", port: 9 };

test("one datagram answers one request, the one that waits longest; the next is somebody else's", async () => {
  const requests = new PendingRequests();
  using first = requests.add(() => true);
  using second = requests.add(() => true);
  expect([1, 2, 3].map(() => requests.take(datagram))).toEqual([true, true, false]);
  expect(await first.answer).toBe(datagram);
  expect(await second.answer).toBe(datagram);
});

test("a request that is over takes no datagram", () => {
  const requests = new PendingRequests();
  requests.add(() => true)[Symbol.dispose]();
  expect(requests.take(datagram)).toBe(false);
});
