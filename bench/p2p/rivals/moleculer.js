// Two brokers over its own TCP transporter: no encryption, no proof of who is there. It listens on all interfaces, there is
// no option for another.
import moleculer from "moleculer";
import { answerTo, question } from "../payload.js";

/** @param {{ ports: Record<string, number> }} options @param {string} nodeID */
export function newBroker({ ports }, nodeID) {
  return new moleculer.ServiceBroker({
    ...{ nodeID, logger: false, metrics: false, tracing: false },
    transporter: new moleculer.Transporters.TCP({
      ...{ udpDiscovery: false, useHostname: false, port: ports[nodeID] ?? 0 },
      urls: Object.entries(ports)
        .map(([id, port]) => `tcp://127.0.0.1:${port}/${id}`)
        .join(),
    }),
  });
}

/** @param {{ ports: Record<string, number> }} options */
export async function serve(options) {
  const broker = newBroker(options, "server");
  broker.createService({
    name: "documents",
    actions: { search: (/** @type {any} */ { params }) => answerTo(params) },
  });
  await broker.start();
}

/** @param {{ ports: Record<string, number> }} options */
export async function connect(options) {
  const broker = newBroker(options, "client");
  await broker.start();
  await broker.waitForServices("documents", 20_000);
  return () => broker.call("documents.search", question, { timeout: 5_000 });
}
