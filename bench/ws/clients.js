// Ways to send messages to an echo server and count what comes back. Each opens its connections once, keeps `window`
// messages under way on each, and closes them at the end.
import { once } from "node:events";
import { WebSocketClient } from "@net/ws";
import WebSocket from "ws";

/**
 * @typedef {object} Echo
 * @property {string} url
 * @property {Buffer} message
 * @property {number} window messages under way on each connection
 */

/**
 * The `ws` library as its users write it.
 *
 * @param {Echo} echo
 * @param {number} connections
 */
export async function bareClients({ url, message, window }, connections) {
  const sockets = Array.from({ length: connections }, () => new WebSocket(url));
  await Promise.all(sockets.map((socket) => once(socket, "open")));
  return {
    /** @param {number} count */
    run: (count) => all(sockets, count, bareEcho),
    close: () => {
      for (const socket of sockets) socket.close();
    },
  };

  /** @param {WebSocket} socket @param {number} count */
  async function bareEcho(socket, count) {
    let toSend = count;
    let toCome = count;
    const done = Promise.withResolvers();
    const onMessage = () => {
      if (toSend-- > 0) socket.send(message);
      if (--toCome === 0) done.resolve(undefined);
    };
    socket.on("message", onMessage);
    for (let i = 0; i < window && toSend-- > 0; i++) socket.send(message);
    await done.promise;
    socket.off("message", onMessage);
  }
}

/**
 * `WebSocketClient`, with a listener or as an async iterable.
 *
 * @param {Echo} echo
 * @param {number} connections
 * @param {"listener" | "for await"} style
 */
export async function ourClients({ url, message, window }, connections, style) {
  const clients = Array.from({ length: connections }, () => new WebSocketClient(url));
  await Promise.all(clients.map((client) => client.connect()));
  const echo = style === "listener" ? listen : iterate;
  return {
    /** @param {number} count */
    run: (count) => all(clients, count, echo),
    close: () => {
      for (const client of clients) void client.close();
    },
  };

  /** @param {WebSocketClient} client @param {number} count */
  async function listen(client, count) {
    let toSend = count;
    let toCome = count;
    const done = Promise.withResolvers();
    const off = client.on(() => {
      if (toSend-- > 0) void client.send(message);
      if (--toCome === 0) done.resolve(undefined);
    });
    for (let i = 0; i < window && toSend-- > 0; i++) void client.send(message);
    await done.promise;
    off();
  }

  /** @param {WebSocketClient} client @param {number} count */
  async function iterate(client, count) {
    let toSend = count;
    let toCome = count;
    for (let i = 0; i < window && toSend-- > 0; i++) void client.send(message);
    for await (const _message of client) {
      if (toSend-- > 0) void client.send(message);
      if (--toCome === 0) return;
    }
  }
}

/**
 * @template Client
 * @param {Client[]} clients
 * @param {number} count
 * @param {(client: Client, count: number) => Promise<void>} echo
 */
async function all(clients, count, echo) {
  const each = Math.ceil(count / clients.length);
  await Promise.all(clients.map((client) => echo(client, each)));
}
