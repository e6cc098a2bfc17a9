// Bytes in bulk, one way: `serve` sends, `read` counts.
import { answerParent, givenArguments } from "../processes.js";
import * as bare from "../rivals/bare-bytes.js";
import * as mesh from "../rivals/mesh.js";

const [role, kind, options, address] = givenArguments();

if (role === "serve") {
  answerParent(await (kind === "mesh" ? mesh.serve(options) : bare.serve(options)));
} else {
  const read = await (kind === "mesh" ? mesh.connectForBytes : bare.connect)(options, address);
  answerParent(true, {
    read: async (bytes, chunkBytes) => {
      const startMs = performance.now();
      const received = await read(bytes, chunkBytes);
      if (received !== bytes) throw new Error(`${received} bytes came instead of ${bytes}`);
      const tookMs = performance.now() - startMs;
      const mebibytes = bytes / 2 ** 20;
      return { calls: mebibytes, perSecond: (mebibytes / tookMs) * 1000, p50Ms: 0, p99Ms: 0 };
    },
  });
}
