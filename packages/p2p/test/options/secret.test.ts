import { silentLogger } from "@net/core";
import { PeerNetwork } from "@net/p2p";
import { expect, test, vi } from "vitest";

// In a file of its own: that a process is warned once can be seen once in a process.

test("a short secret is warned of by the process where there is no logger, once, and never told", () => {
  const emitWarning = vi.spyOn(process, "emitWarning").mockImplementation(() => {});
  const short = { jwtSecret: "hunter2", port: 0 };
  new PeerNetwork({ peerId: "told-to-its-logger", ...short, logger: silentLogger });
  new PeerNetwork({ peerId: "strong", ...short, jwtSecret: "what all know, and 32 bytes long" });
  expect(emitWarning).not.toHaveBeenCalled();

  for (const peerId of ["a", "b"]) new PeerNetwork({ peerId, ...short });
  new PeerNetwork({ peerId: "c", enableMessageSigning: true, signingKey: "hunter2" });
  expect(emitWarning.mock.calls).toEqual([
    [
      "the jwtSecret is shorter than 32 bytes: whoever hears a token can guess it",
      { type: "SecurityWarning", code: "NET_WEAK_SECRET" },
    ],
  ]);
  emitWarning.mockRestore();
});
