import { abortedError, ConnectionError, onAbort } from "@net/core";
import { deaf, type PlatformSocket, type SocketEnd } from "./socket.ts";

/**
 * Resolves when the socket is open. If it does not open, or the signal aborts first, nothing stays open.
 *
 * @throws ConnectionError, AuthenticationError, …: what the platform tells; AbortedError.
 */
export async function awaitOpen(
  socket: PlatformSocket,
  url: string,
  signal: AbortSignal,
): Promise<void> {
  const opened = Promise.withResolvers<void>();
  socket.handlers = {
    ...deaf,
    onOpen: () => opened.resolve(),
    onClose: (end) => opened.reject(end.error ?? refused(url, end)),
  };
  using _listener = onAbort(signal, () => opened.reject(abortedError(signal)));
  try {
    await opened.promise;
  } catch (error) {
    socket.handlers = deaf;
    socket.terminate();
    throw error;
  }
}

function refused(url: string, { code }: SocketEnd): ConnectionError {
  return new ConnectionError(`cannot connect to ${url}: the handshake failed`, {
    phase: "handshake",
    details: { closeCode: code },
  });
}
