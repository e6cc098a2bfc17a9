import { expect, test } from "vitest";
import { requireNamespaces, TwoMachines } from "../support/namespaces.ts";
import { run } from "../support/run.ts";

const possible = requireNamespaces();
const LIMIT = 30_000;
const GROUP = "239.255.77.2";
const PORT = 5577;

/** A new interface has its IPv6 address only after a moment. */
const READY = `
const outer = () => localInterfaces().filter(({ internal }) => !internal);
while (!outer().some(({ family }) => family === 6)) await new Promise((resolve) => setTimeout(resolve, 50));
const { name, broadcast } = outer().find(({ family }) => family === 4);
`;

/** Answers everything that comes by multicast, broadcast or directly, until it is told to stop. */
const responder = `
import { localInterfaces, UDPClient } from "@net/sockets";
${READY}
const four = await UDPClient.open({ host: "0.0.0.0", port: ${PORT} });
four.joinMulticast("${GROUP}", name);
const six = await UDPClient.open({ host: "::", port: ${PORT + 1} });
six.joinMulticast("ff12::4e45", name);
const answer = async (udp) => {
  for await (const { data, host, port } of udp) {
    await udp.send("heard " + Buffer.from(data), host, port).catch(() => {}); // It asks again.
    if (String(Buffer.from(data)) === "stop") await Promise.all([four.close(), six.close()]);
  }
};
await Promise.all([answer(four), answer(six)]);
`;

/** Asks in every way, again and again until an answer comes: a new IPv6 address may not be used for a moment. */
const asker = `
import { localInterfaces, UDPClient } from "@net/sockets";
${READY}
const four = await UDPClient.open({ host: "0.0.0.0", multicast: { interface: name } });
const six = await UDPClient.open({ host: "::", multicast: { interface: name } });
const ask = async (udp, text, send) => {
  for (let answer = ""; answer !== "heard " + text; ) {
    await send(text).catch(() => {});
    const datagram = await udp.receive({ signal: AbortSignal.timeout(200) }).catch(() => undefined);
    answer = String(Buffer.from(datagram?.data ?? []));
  }
  console.log(text);
};
await ask(four, "multicast", (text) => four.send(text, "${GROUP}", ${PORT}));
await ask(four, "broadcast", (text) => four.broadcast(text, ${PORT}, { address: broadcast }));
await ask(six, "multicast 6", (text) => six.send(text, "ff12::4e45", ${PORT + 1}));
await ask(four, "stop", (text) => four.send(text, "10.77.0.2", ${PORT}));
await Promise.all([four.close(), six.close()]);
`;

test.runIf(possible)(
  "multicast leaves by the interface that was chosen, and broadcast reaches the network",
  { timeout: LIMIT },
  async () => {
    await using machines = await TwoMachines.create();
    const start = (machine: 0 | 1, program: string) => {
      const [command = "", ...rest] = [
        ...machines.on(machine),
        process.execPath,
        "--conditions=@net/source",
        "--input-type=module",
      ];
      return run(command, [...rest, "--eval", program], { timeout: LIMIT - 5_000 });
    };
    const [asked, answered] = await Promise.all([start(0, asker), start(1, responder)]);

    expect(asked).toMatchObject({ stderr: "", exitCode: 0 });
    expect(answered).toMatchObject({ stderr: "", exitCode: 0 });
    expect(asked.stdout.trim().split("\n")).toEqual([
      "multicast",
      "broadcast",
      "multicast 6",
      "stop",
    ]);
  },
);
