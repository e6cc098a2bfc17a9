import { once } from "node:events";
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";

/** A server on a free port of the loopback interface, gone at the end of the test with all its connections. */
export interface LocalServer extends AsyncDisposable {
  readonly url: string;
  /** Requests (or, for raw bytes, connections) seen so far. */
  readonly seen: number;
  /** Connections open now. */
  readonly open: number;
  /** Resolves once that many were seen. */
  until(seen: number): Promise<void>;
  /** Resolves once no connection is open. */
  idle(): Promise<void>;
}

/** Answers each request with the next of `answers`, the last for ever. */
export async function serve(...answers: RequestListener[]): Promise<LocalServer> {
  let next = 0;
  const server = createServer();
  const local = watch(server, "request");
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const answer = answers[Math.min(next++, answers.length - 1)];
    answer?.(request, response);
  });
  return listen(server, local);
}

/** Does with each connection what `behave` says, byte by byte. */
export async function serveRaw(behave: (socket: Socket) => void): Promise<LocalServer> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => behave(socket));
  });
  return listen(server, watch(server, "connection"));
}

type Server = ReturnType<typeof createTcpServer>;
type Watch = Pick<LocalServer, "until" | "idle"> & {
  readonly sockets: Set<Socket>;
  readonly count: { seen: number };
};

function watch(server: Server, event: "request" | "connection"): Watch {
  const sockets = new Set<Socket>();
  const count = { seen: 0 };
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket) && server.emit("left"));
  });
  server.on(event, () => count.seen++);
  return {
    sockets,
    count,
    until: async (seen) => {
      while (count.seen < seen) await once(server, event);
    },
    idle: async () => {
      while (sockets.size > 0) await once(server, "left");
    },
  };
}

async function listen(
  server: Server,
  { sockets, count, until, idle }: Watch,
): Promise<LocalServer> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    get seen() {
      return count.seen;
    },
    get open() {
      return sockets.size;
    },
    until,
    idle,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      if (server.listening) await once(server, "close");
    },
  };
}
