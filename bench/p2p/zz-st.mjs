import { fork } from "node:child_process";
import { startPeer } from "./rivals/mesh.js";
const MIB=2**20, total=Number(process.argv[2]??64)*MIB, cb=65536;
if(process.argv[3]==="serve"){
  const n=await startPeer("server",{tls:true});
  n.registerTool({name:"bytes"},async function*({count,chunkBytes}){const c=new Uint8Array(chunkBytes).fill(7);for(let i=0;i<count;i++)yield c;});
  process.on("message",(m)=>{if(m==="bye")process.exit();const c=process.cpuUsage();process.send({cpu:(c.user+c.system)/1000,cnt:globalThis.__cnt})});
  process.send({address:n.address});
} else {
  const child=fork(process.argv[1],[process.argv[2]??"64","serve"],{execArgv:["--conditions=@net/source","--expose-gc",...(process.env.PROF?["--cpu-prof","--cpu-prof-dir=/tmp/s3p3"]:[])]});
  const once=()=>new Promise(r=>child.once("message",r));
  const {address}=await once();
  const n=await startPeer("client",{tls:true});await n.connect(address);
  for(const t of [16*MIB,total,total]){
    child.send(1);const a=await once();const c0=process.cpuUsage();const t0=performance.now();
    let r=0;const call=n.call("server","bytes",{count:t/cb,chunkBytes:cb});
    for await(const c of call.stream)r+=c.byteLength;await call;
    const ms=performance.now()-t0;const c=process.cpuUsage(c0);child.send(1);const b=await once();
    console.log(t/MIB,"MiB",(t/MIB/ms*1000).toFixed(0),"MiB/s cpu reader",((c.user+c.system)/1000/(t/MIB)).toFixed(2),"sender",((b.cpu-a.cpu)/(t/MIB)).toFixed(2),"rss",(process.resourceUsage().maxRSS/1024)|0, JSON.stringify(globalThis.__cnt??{}),JSON.stringify(b.cnt??{}));
    globalThis.__cnt={};
  }
  if(process.env.PROF){child.send("bye");await new Promise(r=>child.once("exit",r));process.exit()}
  child.disconnect();child.kill();process.exit();
}
