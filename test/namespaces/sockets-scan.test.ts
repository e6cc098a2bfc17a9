import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { requireNamespaces } from "../support/namespaces.ts";
import { requireProgram } from "../support/programs.ts";
import { run } from "../support/run.ts";

const possible = [requireNamespaces(), requireProgram("nft") !== undefined].every(Boolean);
const LIMIT = 30_000;

/** Scans its own machine and prints how many ports are in each state, by reason, and which are open. */
const program = `
import { createServer } from "node:net";
import { scan } from "@net/sockets";

const servers = [5000, 7777].map((port) => createServer((socket) => socket.destroy()).listen(port, "127.0.0.1"));
await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
const reasons = {};
const open = [];
for await (const { port, state, reason } of scan(["127.0.0.1"], ["4001-8000"])) {
  if (state === "open") open.push(port);
  else reasons[state + " " + reason] = (reasons[state + " " + reason] ?? 0) + 1;
}
console.log(JSON.stringify({ open, reasons }));
for (const server of servers) server.close();
`;

/** What a firewall may do with a question: drop it without a word, or refuse it in three ways. */
const rules = `
table inet scan {
  chain input {
  type filter hook input priority 0
  tcp dport 6001-7000 tcp flags & (syn|ack) == syn drop
  tcp dport 7001-7100 tcp flags & (syn|ack) == syn reject with icmpx type admin-prohibited
  tcp dport 7101-7200 tcp flags & (syn|ack) == syn reject with tcp reset
  tcp dport 7201-7300 tcp flags & (syn|ack) == syn reject with icmpx type host-unreachable
  }
}
`;

test.runIf(possible)(
  "ports behind a firewall are filtered, rejected ones say how, and no open one is missed",
  { timeout: LIMIT },
  async () => {
    const name = `net-scan-${randomBytes(3).toString("hex")}`;
    const must = async (file: string, ...args: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await run(file, args, { timeout: LIMIT });
      expect(stderr).toBe("");
      expect(exitCode).toBe(0);
      return stdout;
    };
    await must("ip", "netns", "add", name);
    try {
      await must("ip", "-n", name, "link", "set", "lo", "up");
      await must("ip", "netns", "exec", name, "nft", rules);
      const node = [process.execPath, "--conditions=@net/source", "--input-type=module"];
      const printed = await must("ip", "netns", "exec", name, ...node, "--eval", program);
      const { open, reasons } = JSON.parse(printed) as {
        open: number[];
        reasons: Record<string, number>;
      };
      expect(open.sort()).toEqual([5000, 7777]);
      expect(reasons).toEqual({
        "closed refused": 4_000 - 2 - 1_000 - 200,
        "filtered no-response": 1_000,
        "filtered unreachable": 200,
      });
    } finally {
      await must("ip", "netns", "delete", name);
    }
  },
);
