// A peer that runs programs for others: those that are allowed, and no others.
import { randomBytes } from "node:crypto";
import { PeerNetwork, shellTool } from "@net/p2p";

const jwtSecret = randomBytes(32).toString("base64");
await using server = new PeerNetwork({ peerId: "server", host: "127.0.0.1", port: 0, jwtSecret });
server.registerTool(...shellTool({ allow: ["echo", "ls"], timeout: 5_000 }));
await server.start();

await using laptop = new PeerNetwork({ peerId: "laptop", host: "127.0.0.1", port: 0, jwtSecret });
await laptop.start();
await laptop.connect(server.address ?? "");

// Its output comes as it is written …
const call = laptop.call("server", "shell", { command: "echo 'one word' two" });
for await (const chunk of call.stream) console.log(chunk);
// … and as a whole.
const { value } = await call;
console.log(value);

// What a shell would make of the rest is refused; so is what is not allowed.
for (const command of ["ls / | wc -l", "rm -rf /"]) {
  const refused = laptop.executeRemoteTool("server", "shell", { command });
  await refused.catch(({ code, message }) => console.log(code, message));
}
