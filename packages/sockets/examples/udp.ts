// A UDP responder and a client that asks it, sending again what gets no answer. Both on loopback and a free port.
import { UDPClient } from "@net/sockets";

await using responder = await UDPClient.open();
const serving = (async () => {
  for await (const { data, host, port } of responder) {
    await responder.send(`echo ${Buffer.from(data)}`, host, port);
  }
})();

await using client = await UDPClient.open();
const answer = await client.request("hello", responder.host, responder.port, {
  retries: 3,
  timeout: 500,
});
console.log(Buffer.from(answer.data).toString());
console.log(`dropped: ${client.dropped}`);

await responder.close();
await serving;
