import type { Codec } from "../../../src/gossip/neighbour.ts";
import { pack, unpack } from "../../../src/wire/codec.ts";

export const codec: Codec = { encode: pack, decode: unpack };
