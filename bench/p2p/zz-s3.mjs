import { setTimeout as wait } from "node:timers/promises";
import { PeerNetwork } from "@net/p2p";
import { randomNumbers } from "./load.js";
const N=Number(process.argv[2]??40), RINGS=4, HOLD=Number(process.argv[3]??15);
const jwtSecret = "a secret that is known to both ends, 32 bytes or more";
const CROWDED = { maxPendingHandshakesPerHost: 64, handshakesPerSecondPerHost: 1_000, handshakeTimeout: 20_000 };
const nets=[];
for(let i=0;i<N;i++){const n=new PeerNetwork({peerId:`peer-${i}`,host:"127.0.0.1",port:0,jwtSecret,relay:true,...(process.argv[4]==="tls"&&{enableTLS:true}),limits:CROWDED});await n.start();nets.push(n);}
const random=randomNumbers(1);const links=new Map();
for(let r=0;r<RINGS;r++){const order=Array.from({length:N},(_,i)=>({i,at:random()}));order.sort((a,b)=>a.at-b.at);
 for(const [x,{i}] of order.entries()){const next=order[(x+1)%N].i;links.set(`${Math.min(i,next)} ${Math.max(i,next)}`,[i,next]);}}
const t0=performance.now();
await Promise.all(nets.map(async(n,i)=>{for(const [f,t] of links.values())if(f===i)await n.connect(nets[t].address).catch(e=>console.log("dial",f,t,e.message));}));
console.log("linked",links.size,performance.now()-t0|0);
let done=false;
for(let s=0;s<HOLD*10&&!done;s++){await wait(100);
 const un=nets.map(n=>n.getTopologyGraph().nodes.filter(x=>x.hops!==undefined).length);
 done=Math.min(...un)===N; if(s%20===0)console.log(s,Math.min(...un), process.cpuUsage().user/1e6|0);
 if(done)console.log("converged",performance.now()-t0|0);}
if(!done){for(const n of nets){const g=n.getTopologyGraph();const miss=nets.filter(m=>!g.nodes.some(x=>x.id===m.peerId&&x.hops!==undefined)).map(m=>m.peerId);
 if(miss.length)console.log(n.peerId,"misses",miss.join(),"known:",miss.map(m=>g.nodes.some(x=>x.id===m)).join(), "edges", miss.map(m=>g.edges.filter(e=>e.source===m||e.target===m).length).join(),"conn",n.getConnectedPeers().length);}
 for(const i of [0]){}
}
const c=process.cpuUsage();console.log("cpu s",(c.user+c.system)/1e6);
process.exit();
