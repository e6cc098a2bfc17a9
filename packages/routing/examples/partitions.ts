import { NetworkTopology } from "@net/routing";

// laptop – desktop – attic – cellar: a line. What if one of its links, or machines, fails?
const topology = new NetworkTopology("laptop");
const neighbours: Record<string, string[]> = {
  desktop: ["laptop", "attic"],
  attic: ["desktop", "cellar"],
  cellar: ["attic"],
};

const { promise: told, resolve } = Promise.withResolvers<void>();
topology.on("partition:risk", ({ kind, link, peerId, isolates, suggestedLink }) => {
  const cause = link ? `${link.source} – ${link.target}` : peerId;
  const cure = suggestedLink && `${suggestedLink.source} – ${suggestedLink.target}`;
  console.log(`${kind} ${cause} would cut off ${isolates.join(", ")}; a link ${cure} would help`);
  resolve();
});

topology.observeLink("desktop", { rttMs: 2 });
for (const [origin, peers] of Object.entries(neighbours)) {
  const links = peers.map((peer) => ({ peer, costUs: 2_000 }));
  topology.applyAdvert({ origin, epoch: 1, seq: 1, links, capabilities: [], tools: [], load: 0 });
}

// It is told a moment later, once for all that changed together. The timer alone keeps no process alive.
const waiting = setTimeout(() => {}, 5_000);
await told;
clearTimeout(waiting);
topology.close();

// A second way: whoever has one can send what matters twice, or change over without waiting.
topology.observeLink("cellar", { rttMs: 10 });
const links = ["attic", "laptop"].map((peer) => ({ peer, costUs: 6_000 }));
const advert = { origin: "cellar", epoch: 1, seq: 2, links, capabilities: [], tools: [], load: 0 };
topology.applyAdvert(advert);
console.log(topology.findDisjointRoutes("attic")?.map(({ path }) => path.join(" – ")));
console.log(topology.resilience());
