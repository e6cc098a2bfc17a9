// Request and reply over a nats-server, a process of its own.
import { connect as dial } from "@nats-io/transport-node";
import { answerTo, question } from "../payload.js";

/** @param {{ url: string }} options */
export async function serve({ url }) {
  const connection = await dial({ servers: url });
  connection.subscribe("search", {
    callback: (_error, message) => {
      message.respond(JSON.stringify(answerTo(message.json())));
    },
  });
  await connection.flush();
}

/** @param {{ url: string }} options */
export async function connect({ url }) {
  const connection = await dial({ servers: url });
  return async () => {
    const answer = await connection.request("search", JSON.stringify(question), { timeout: 5_000 });
    return answer.json();
  };
}
