import { ProtocolError } from "@net/core";
import { readCount, readFields, readList, readName } from "../read.ts";
import type { MessageId } from "./message.ts";

/** The most ids in one frame. */
export const MAX_IDS = 256;

/** Ids as `ihave` and `graft` carry them: `[[[origin, epoch, [seq, …]], …]]`, each origin's together. */
export function idListFields(ids: Iterable<MessageId>): readonly unknown[] {
  const groups = new Map<string, [origin: string, epoch: number, seqs: number[]]>();
  for (const { origin, epoch, seq } of ids) {
    const key = `${epoch} ${origin}`;
    const group = groups.get(key);
    if (group) group[2].push(seq);
    else groups.set(key, [origin, epoch, [seq]]);
  }
  return [[...groups.values()]];
}

/** @throws ProtocolError unless it is a list of at most 256 ids. */
export function parseIdList(value: unknown): readonly MessageId[] {
  const [groups] = readFields(value, 1, "a list of broadcasts");
  const ids = readList(groups, MAX_IDS, "the origins of a list of broadcasts").flatMap(parseGroup);
  if (ids.length <= MAX_IDS) return ids;
  throw new ProtocolError(`a list of broadcasts names more than ${MAX_IDS}`);
}

function parseGroup(value: unknown): readonly MessageId[] {
  const [name, number, seqs] = readFields(value, 3, "an entry of a list of broadcasts");
  const origin = readName(name, "an origin of a list of broadcasts");
  const epoch = readCount(number, "an epoch of a list of broadcasts");
  const list = readList(seqs, MAX_IDS, "the numbers of a list of broadcasts");
  return list.map((seq) => ({ origin, epoch, seq: readCount(seq, "a number of a broadcast") }));
}
