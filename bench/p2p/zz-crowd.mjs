import crypto from "node:crypto"; import {syncBuiltinESMExports} from "node:module";
let total=0;const distinct=new Set();const kinds={};const ov=crypto.verify;crypto.verify=(a,b,k,sg)=>{const kind=Buffer.from(b.subarray(0,14)).toString("latin1");kinds[kind]=(kinds[kind]??0)+1;if(kind.startsWith("net/p2p advert")){total++;distinct.add(Buffer.from(sg.subarray(0,12)).toString("latin1"));}return ov(a,b,k,sg)};syncBuiltinESMExports();
const {answerParent,givenArguments}=await import("./processes.js");const {startPeer}=await import("./rivals/mesh.js");
//, givenArguments } from "./processes.js";
// "./rivals/mesh.js";
const [{ tls, from, step, peers }] = givenArguments();
const networks = new Map();
for (let i = from; i < peers; i += step) networks.set(i, await startPeer(`peer-${i}`, { tls, relay: true, crowded: true }));
const events=[];
for(const n of networks.values()){n.on("peer:disconnected",(...a)=>{if(events.length<20)events.push([performance.now()|0,n.peerId,...a])});}
answerParent(Object.fromEntries([...networks].map(([i, { address }]) => [i, address])), {
  dial: async (links) => { let f=0; await Promise.all([...networks].map(async([i,n])=>{for(const [p,a] of links)if(p===i)await n.connect(a).catch(()=>f++)})); return f; },
  known: () => [...networks.values()].map(n=>{const g=n.getTopologyGraph();return [n.peerId,n.getConnectedPeers().map(p=>p.peerId),g.nodes.filter(x=>x.hops===undefined).map(x=>[x.id,g.edges.filter(e=>e.source===x.id||e.target===x.id).length]),g.nodes.length]}),
  min: () => Math.min(...[...networks.values()].map(n=>n.getTopologyGraph().nodes.filter(x=>x.hops!==undefined).length)),
  events: ()=>events, counts: ()=>({total,distinct:distinct.size,kinds}),
});
