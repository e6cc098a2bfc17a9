// Run with few file handles: scans two thousand closed ports and the open one that is named, more at a time than there
// are handles, and prints what it found.
import { scan } from "@net/sockets";

const open: number[] = [];
const counts = { closed: 0, filtered: 0 };
const ports = ["1-2000", String(process.argv[2])];
for await (const { port, state } of scan(["127.0.0.1"], ports, { concurrency: 500 })) {
  if (state === "open") open.push(port);
  else counts[state]++;
}
process.stdout.write(JSON.stringify({ open, ...counts }));
