import { expect, test } from "vitest";
import { requireNamespaces, TwoMachines } from "../support/namespaces.ts";
import { run } from "../support/run.ts";
import { TalkingProgram } from "../support/talking-program.ts";

const possible = requireNamespaces();
const LIMIT = 60_000;
const IPV4 = `address.startsWith("10.77.")`;
const IPV6 = `address.startsWith("fe80:")`;

/** Announces a peer in every way, on all interfaces, until it is told to end. */
const announcer = `
import { silentLogger as logger, systemClock as clock } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { Announcer } from "./packages/p2p/src/discovery/announcer.ts";
import { readPeerDiscovery } from "./packages/p2p/src/discovery/peer-discovery-options.ts";
const everywhere = { interface: "all" };
const { mdns: settings, broadcast } = readPeerDiscovery({ mdns: everywhere, broadcast: everywhere }, "net");
const peer = { networkId: "net", peerId: "box", peerName: "box", address: "ws://[::]:8080" };
const announcer = await Announcer.start({ peer, settings, broadcast, identity: DeviceIdentity.generate(), clock, logger });
process.once("SIGTERM", () => void announcer.close());
await announcer.announced;
console.log("announced");
`;

/** Says each node that is found in one way, by the interface whose `address` passes a test. */
function finder(way: "mdns" | "broadcast", test: string): string {
  return `
import { networkInterfaces } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { discoverNodes } from "./packages/p2p/src/discovery/discover.ts";
const over = new AbortController();
process.once("SIGTERM", () => over.abort());
const own = () => Object.values(networkInterfaces()).flat().find(({ address, internal }) => !internal && ${test})?.address;
while (!own()) await sleep(50);
try {
  for await (const { peerId, addresses, source, verified } of discoverNodes({ ${way}: { interface: own() }, signal: over.signal })) {
    console.log([peerId, source, verified, ...addresses].join(" ") + ".");
  }
} catch (error) {
  if (error.code !== "ABORTED") throw error;
}
console.log("left");
`;
}

function start(machine: readonly string[], program: string): TalkingProgram {
  const node = [process.execPath, "--conditions=@net/source", "--input-type=module"];
  return new TalkingProgram([...machine, ...node, "--eval", program]);
}

test.runIf(possible)(
  "a peer on another machine is found by mDNS over IPv4 and over IPv6, and by broadcast",
  { timeout: LIMIT },
  async () => {
    const signal = AbortSignal.timeout(LIMIT - 10_000);
    await using machines = await TwoMachines.create();
    await using peer = start(machines.on(0), announcer);
    await peer.says(/announced/, signal);
    await using byFour = start(machines.on(1), finder("mdns", IPV4));
    await using bySix = start(machines.on(1), finder("mdns", IPV6));
    await using byBroadcast = start(machines.on(1), finder("broadcast", IPV4));

    const address = `ws://${machines.addresses[0].replaceAll(".", "\\.")}:8080`;
    await byFour.says(new RegExp(`^box mdns true ${address}\\.$`, "m"), signal);
    await bySix.says(new RegExp(`^box mdns true ${address}\\.$`, "m"), signal);
    await byBroadcast.says(new RegExp(`^box broadcast true ${address}\\.$`, "m"), signal);
    for (const found of [byFour, bySix, byBroadcast]) {
      await found.end();
      expect(found.output).toContain("left");
      expect(found.output.match(/^box/gm)).toHaveLength(1);
    }
  },
);

test.runIf(possible)(
  "a machine that comes back with another address is found there",
  { timeout: LIMIT },
  async () => {
    const signal = AbortSignal.timeout(LIMIT - 10_000);
    await using machines = await TwoMachines.create();
    const device = machines.names[0].replace("net-a-", "va");
    const ip = async (...args: string[]): Promise<void> => {
      const ended = await run("ip", ["-n", machines.names[0], ...args], { timeout: 10_000 });
      expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    };
    await using found = start(machines.on(1), finder("mdns", IPV4));
    await using peer = start(machines.on(0), announcer);
    await peer.says(/announced/, signal);
    await found.says(/^box mdns true ws:\/\/10\.77\.0\.1:8080\.$/m, signal);

    await ip("address", "delete", "10.77.0.1/24", "dev", device);
    await ip("address", "add", "10.77.0.9/24", "dev", device);
    await found.says(/^box mdns true ws:\/\/10\.77\.0\.9:8080\.$/m, signal);
  },
);
