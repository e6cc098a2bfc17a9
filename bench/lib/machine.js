import { cpus, loadavg, totalmem, type } from "node:os";

/** One line that says where figures come from: without it they mean nothing. */
export function machineLine() {
  const [cpu] = cpus();
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB`;
  const load = loadavg()[0]?.toFixed(1);
  const day = new Date().toISOString().slice(0, 10);
  return `${day}, ${cpus().length} × ${cpu?.model.trim()}, ${memory}, ${type()}, Node ${process.versions.node}, load ${load} at the start`;
}
