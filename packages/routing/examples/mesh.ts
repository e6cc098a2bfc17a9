import { NetworkTopology, ToolRouter } from "@net/routing";

// Three machines; laptop has links to both others, which have none between them.
const laptop = new NetworkTopology("laptop");
const desktop = new NetworkTopology("desktop");
const gpuBox = new NetworkTopology("gpu-box");
const machines = [desktop, laptop, gpuBox];

desktop.observeLink("laptop", { rttMs: 2, jitterMs: 0.5 });
laptop.observeLink("desktop", { rttMs: 2, jitterMs: 0.5 });
laptop.observeLink("gpu-box", { rttMs: 6, lossRatio: 0.1 });
gpuBox.observeLink("laptop", { rttMs: 6, lossRatio: 0.1 });

// Each tells the others what it is and which links it has. Here a loop carries the adverts; in a network the links do.
const adverts = [
  desktop.localAdvert({ tools: ["word-count"] }),
  laptop.localAdvert({ tools: ["word-count"], load: 0.5 }),
  gpuBox.localAdvert({ tools: ["render", "word-count"], capabilities: ["gpu"] }),
];
for (const machine of machines) for (const advert of adverts) machine.applyAdvert(advert);

console.log(desktop.findRoute("gpu-box"));
console.log(desktop.getNetworkStats());

// Which machine renders for desktop? The nearest idle one that can; here there is only one with a GPU.
const router = new ToolRouter();
const reachable = desktop.peers().filter((peer) => peer.reachable);
const renderer = router.choose("render", reachable, { requiredCapabilities: ["gpu"] });
const counters = router.rank("word-count", reachable);
console.log(`render on ${renderer?.peerId}`);
console.log(`count words on ${counters.map(({ peerId }) => peerId).join(", else on ")}`);

// gpu-box loses its link. Its next advert says so, and there is no route any more, whatever laptop still believes.
gpuBox.dropLink("laptop");
console.log(desktop.applyAdvert(gpuBox.localAdvert()), desktop.findRoute("gpu-box"));
