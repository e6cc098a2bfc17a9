// One of several that offer the same: it answers after 20 ms.
import { setTimeout as wait } from "node:timers/promises";
import { connect as dial } from "@nats-io/transport-node";
import { answerParent, givenArguments } from "../processes.js";
import { startPeer } from "../rivals/mesh.js";
import { newBroker } from "../rivals/moleculer.js";

const WORK = 20;
const [kind, options, name] = givenArguments();
const providers = { mesh, nats, moleculer };
answerParent(await providers[/** @type {keyof typeof providers} */ (kind)]());

async function mesh() {
  const network = await startPeer(name, options);
  network.registerTool({ name: "repeatable", idempotent: true }, () => wait(WORK, name));
  network.registerTool({ name: "other" }, () => wait(WORK, name));
  return network.address;
}

async function nats() {
  const connection = await dial({ servers: options.url });
  const answer = async (/** @type {import("@nats-io/transport-node").Msg} */ message) => {
    await wait(WORK);
    message.respond(name);
  };
  connection.subscribe("work", {
    queue: "providers",
    callback: (_error, message) => void answer(message),
  });
  await connection.flush();
}

async function moleculer() {
  const broker = newBroker(options, name);
  broker.createService({ name: "work", actions: { run: () => wait(WORK, name) } });
  await broker.start();
}
