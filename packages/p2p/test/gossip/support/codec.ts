import { ProtocolError } from "@net/core";
import { Packr } from "msgpackr";
import type { Codec } from "../../../src/gossip/neighbour.ts";

const packr = new Packr({ useRecords: false });

/** msgpack, as the wire has it. */
export const codec: Codec = {
  encode: (value) => new Uint8Array(packr.pack(value)),
  decode: (bytes) => {
    try {
      return packr.unpack(bytes) as unknown;
    } catch (cause) {
      throw new ProtocolError("this is no msgpack", { cause });
    }
  },
};
