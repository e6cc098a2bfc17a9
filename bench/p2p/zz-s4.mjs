import { setTimeout as wait } from "node:timers/promises";
import { startPart } from "./processes.js";
import { randomNumbers } from "./load.js";
const N=Number(process.argv[2]??40), P=4, RINGS=4, HOLD=Number(process.argv[3]??20);
const crowds=[];for(let i=0;i<P;i++)crowds.push(await startPart("../zz-crowd.mjs",{tls:process.argv[4]==="tls",from:i,step:P,peers:N}));
const addresses=Object.assign({},...crowds.map(c=>c.ready));
const random=randomNumbers(1);const links=new Map();
for(let r=0;r<RINGS;r++){const order=Array.from({length:N},(_,i)=>({i,at:random()}));order.sort((a,b)=>a.at-b.at);
 for(const [x,{i}] of order.entries()){const next=order[(x+1)%N].i;links.set(`${Math.min(i,next)} ${Math.max(i,next)}`,[i,next]);}}
const cpu=async()=>{let s=0;for(const c of crowds)s+=await c.ask("cpuUs");return s/1e6};
const c0=await cpu();
const t0=performance.now();
const f=await Promise.all(crowds.map((c,k)=>c.ask("dial",[...links.values()].filter(([a])=>a%P===k).map(([a,b])=>[a,addresses[b]]))));
console.log("linked",links.size,"failed",f,(performance.now()-t0)|0,"cpu",(await cpu())-c0);
let min=0;const end=performance.now()+HOLD*1000;
while(performance.now()<end){await wait(250);min=Math.min(...await Promise.all(crowds.map(c=>c.ask("min"))));if(min===N)break;}
for(const c of crowds)console.log(JSON.stringify(await c.ask("counts")));console.log("min",min,(performance.now()-t0)|0,"cpu",(await cpu())-c0);
if(min<N){for(const c of crowds)for(const [id,conn,un,n] of await c.ask("known"))if(un.length||n<N)console.log(id,"n",n,"conn",conn.length,"unreached",JSON.stringify(un));
for(const c of crowds)console.log(JSON.stringify(await c.ask("events")).slice(0,1500));}
else if(process.argv[5]){await wait(10000);console.log("10 s later",(await cpu())-c0)}
process.exit();
