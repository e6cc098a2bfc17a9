import type { Socket } from "node:net";
import type { NetworkError } from "@net/core";

/**
 * Says that nothing more will be sent. Resolves once what was sent has left.
 *
 * @param closed resolves when the socket is gone.
 * @throws what `whyLost` says, when it went before.
 */
export async function halfClose(
  socket: Socket,
  closed: Promise<void>,
  whyLost: () => NetworkError,
): Promise<void> {
  const left = Promise.withResolvers<void>();
  socket.end(() => {
    if (socket.writableFinished) left.resolve();
  });
  const lost = closed.then(() => {
    if (!socket.writableFinished) throw whyLost();
  });
  await Promise.race([left.promise, lost]);
}
