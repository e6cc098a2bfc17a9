import { expect, test } from "vitest";
import { Avahi, requireAvahi } from "../support/avahi.ts";
import { requireNamespaces, TwoMachines } from "../support/namespaces.ts";
import { TalkingProgram } from "../support/talking-program.ts";

const possible = [requireNamespaces(), requireAvahi()].every(Boolean);
const LIMIT = 60_000;
const TYPE = "_net._tcp";

const imports = `
import { silentLogger, systemClock, systemRng } from "@net/core";
import { DeviceIdentity } from "@net/core/identity";
import { Announcer } from "./packages/p2p/src/discovery/announcer.ts";
import { readMdnsOptions } from "./packages/p2p/src/discovery/mdns-options.ts";
import { systemMedium } from "./packages/p2p/src/discovery/mdns/medium.ts";
import { ServiceBrowser } from "./packages/p2p/src/discovery/mdns/service-browser.ts";
const [clock, logger, rng] = [systemClock, silentLogger, systemRng];
`;

/** Announces a peer on all interfaces until it is told to end, and says under which name. */
const announcer = `
${imports}
const announcer = await Announcer.start({
  peer: { networkId: "net", peerId: "us", peerName: "Main", address: "ws://0.0.0.0:8080" },
  settings: readMdnsOptions({ interface: "all" }, "net"),
  ...{ identity: DeviceIdentity.generate(), clock, logger, rng },
});
process.once("SIGTERM", () => void announcer.close());
await announcer.announced;
console.log("announced as " + announcer.instance + ".");
let instance = announcer.instance;
const watch = setInterval(() => {
  if (announcer.instance !== instance) console.log("renamed to " + (instance = announcer.instance) + ".");
}, 20);
watch.unref();
`;

/** Says which instances come and go. */
const browser = `
${imports}
const { interfaces, port } = readMdnsOptions({ interface: "all" }, "net");
const found = await ServiceBrowser.start({
  ...{ service: "_net._tcp.local", clock, rng, medium: systemMedium({ interfaces, port, clock, logger }) },
  onFound: (via, { name, port, addresses, texts }) =>
    console.log("found " + [via, port, addresses.join(), Buffer.concat(texts)].join(" | ")),
  onLost: (via) => console.log("lost " + via),
});
process.once("SIGTERM", () => void found[Symbol.asyncDispose]());
console.log("browsing");
`;

function start(machine: readonly string[], program: string): TalkingProgram {
  const node = [process.execPath, "--conditions=@net/source", "--input-type=module"];
  return new TalkingProgram([...machine, ...node, "--eval", program]);
}

test.runIf(possible)(
  "avahi finds a peer and resolves it, over IPv4 and IPv6, and hears its goodbye",
  { timeout: LIMIT },
  async () => {
    const signal = AbortSignal.timeout(LIMIT - 10_000);
    await using machines = await TwoMachines.create();
    await using avahi = await Avahi.start(machines.on(1), signal);
    await using heard = avahi.follow(TYPE);
    await using peer = start(machines.on(0), announcer);
    await peer.says(/announced as Main\./, signal);
    await heard.says(/\+;\w+;IPv4;Main;_net\._tcp;local/, signal);
    await heard.says(/\+;\w+;IPv6;Main;_net\._tcp;local/, signal);

    const resolved = await avahi.browse(TYPE);
    expect(resolved).toMatch(
      /=;\w+;IPv4;Main;_net\._tcp;local;net-[\da-f]{24}\.local;10\.77\.0\.1;8080;.*"id=us"/,
    );
    expect(resolved).toMatch(/=;\w+;IPv6;Main;_net\._tcp;local;net-[\da-f]{24}\.local;/);
    await peer.end();
    await heard.says(/-;\w+;IPv4;Main;/, signal);
    await heard.says(/-;\w+;IPv6;Main;/, signal);
  },
);

test.runIf(possible)(
  "what avahi publishes is found and resolved, and lost when it is taken back",
  { timeout: LIMIT },
  async () => {
    const signal = AbortSignal.timeout(LIMIT - 10_000);
    await using machines = await TwoMachines.create();
    await using avahi = await Avahi.start(machines.on(1), signal);
    await using here = start(machines.on(0), browser);
    await here.says(/browsing/, signal);
    await using service = avahi.publish("A printer", TYPE, 4711, "id=printer");

    await here.says(
      /found \w+ 4 .* a printer\..* \| 4711 \| .*10\.77\.0\.2.* \| id=printer/,
      signal,
    );
    await here.says(/found \w+ 6 .* a printer\..* \| 4711 \| .* \| id=printer/, signal);
    await service.end();
    await here.says(/lost \w+ 4 .* a printer\./, signal);
    await here.says(/lost \w+ 6 .* a printer\./, signal);
  },
);

test.runIf(possible)(
  "of a peer and avahi with one name whoever comes second takes another",
  { timeout: LIMIT },
  async () => {
    const signal = AbortSignal.timeout(LIMIT - 10_000);
    await using machines = await TwoMachines.create();
    await using avahi = await Avahi.start(machines.on(1), signal);
    await using taken = avahi.publish("Main", TYPE, 4711, "id=other");
    await taken.says(/Established under name 'Main'/, signal);
    await using peer = start(machines.on(0), announcer);
    await peer.says(/announced as Main \(2\)\./, signal);

    await using late = avahi.publish("Main (2)", TYPE, 4712, "id=late");
    const [, name] = await late.says(/Established under name '(Main \(2\) .+)'/, signal);
    expect(name).not.toBe("Main (2)");
    expect(peer.output).not.toContain("renamed");
  },
);
