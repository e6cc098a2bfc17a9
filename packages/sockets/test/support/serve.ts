import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A plain TCP server for one test. @returns its port. */
export async function serve(
  accept: (socket: Socket) => unknown,
  options: { allowHalfOpen?: boolean; host?: string; port?: number } = {},
): Promise<number> {
  const sockets = new Set<Socket>();
  const { host = "127.0.0.1", port = 0, ...serverOptions } = options;
  const server: Server = createServer(serverOptions, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    accept(socket);
  });
  server.listen(port, host);
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return (server.address() as AddressInfo).port;
}
