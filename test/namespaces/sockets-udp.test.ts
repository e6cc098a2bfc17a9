import { expect, test } from "vitest";
import { requireNamespaces, TwoMachines } from "../support/namespaces.ts";
import { run } from "../support/run.ts";

const possible = requireNamespaces();
const LIMIT = 30_000;
const GROUP = "239.255.77.2";
const PORT = 5577;

/** Answers everything that comes by multicast, broadcast or directly, until it is told to stop. */
const responder = `
import { localInterfaces, UDPClient } from "@net/sockets";
const [{ name }] = localInterfaces().filter(({ internal, family }) => !internal && family === 4);
const four = await UDPClient.open({ host: "0.0.0.0", port: ${PORT} });
four.joinMulticast("${GROUP}", name);
const six = await UDPClient.open({ host: "::", port: ${PORT + 1} });
six.joinMulticast("ff12::4e45", name);
const answer = async (udp) => {
  for await (const { data, host, port } of udp) {
    await udp.send("heard " + Buffer.from(data), host, port);
    if (String(Buffer.from(data)) === "stop") await Promise.all([four.close(), six.close()]);
  }
};
await Promise.all([answer(four), answer(six)]);
`;

/** Asks in every way, again and again until an answer comes: a new IPv6 address may not be used for a moment. */
const asker = `
import { localInterfaces, UDPClient } from "@net/sockets";
const [{ name, broadcast }] = localInterfaces().filter(({ internal, family }) => !internal && family === 4);
const four = await UDPClient.open({ host: "0.0.0.0", multicast: { interface: name } });
const six = await UDPClient.open({ host: "::", multicast: { interface: name } });
const heard = async (udp, send) => {
  for (;;) {
    await send().catch(() => {});
    const answer = await udp.receive({ signal: AbortSignal.timeout(200) }).catch(() => undefined);
    if (answer) return String(Buffer.from(answer.data));
  }
};
const print = (answer) => console.log(answer);
print(await heard(four, () => four.send("multicast", "${GROUP}", ${PORT})));
print(await heard(four, () => four.broadcast("broadcast", ${PORT}, { address: broadcast })));
print(await heard(six, () => six.send("multicast 6", "ff12::4e45", ${PORT + 1})));
print(await heard(four, () => four.send("stop", "10.77.0.2", ${PORT})));
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
    const heard = asked.stdout.trim().split("\n");
    expect(heard).toHaveLength(4);
    expect(new Set(heard)).toEqual(
      new Set(["heard multicast", "heard broadcast", "heard multicast 6", "heard stop"]),
    );
  },
);
