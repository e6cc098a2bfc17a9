// A server in a process of its own, to be killed: node serve.ts <database> <port>. Ends with its parent.
import { createServer } from "@net/server";

const [database = ":memory:", port = "0"] = process.argv.slice(2);
const server = await createServer({ database, port: Number(port) });
process.stdin.on("end", () => process.exit()).resume();
process.stdout.write(`${server.url}\n`);
