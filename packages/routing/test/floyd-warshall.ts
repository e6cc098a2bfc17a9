import type { LinkTable } from "./graphs.ts";

/** Cost, then hops: ways are compared by the first, then by the second. */
export interface Way {
  readonly costUs: number;
  readonly hops: number;
}

const nowhere: Way = { costUs: Number.POSITIVE_INFINITY, hops: Number.POSITIVE_INFINITY };

/**
 * The best way between all pairs by Floyd and Warshall's three loops, over links that both ends list: slow, plain,
 * and nothing like the code under test.
 */
export function allPairs(table: LinkTable): (from: string, to: string) => Way {
  const ways = new Map<string, Way>();
  const get = (from: string, to: string): Way => ways.get(`${from}>${to}`) ?? nowhere;
  const offer = (from: string, to: string, way: Way): void => {
    const known = get(from, to);
    const better =
      way.costUs < known.costUs || (way.costUs === known.costUs && way.hops < known.hops);
    if (better) ways.set(`${from}>${to}`, way);
  };
  for (const [from, links] of table) {
    offer(from, from, { costUs: 0, hops: 0 });
    for (const [to, { costUs }] of links) {
      if (table.get(to)?.has(from)) offer(from, to, { costUs, hops: 1 });
    }
  }
  for (const over of table.keys()) {
    for (const from of table.keys()) {
      for (const to of table.keys()) {
        const [there, on] = [get(from, over), get(over, to)];
        offer(from, to, { costUs: there.costUs + on.costUs, hops: there.hops + on.hops });
      }
    }
  }
  return get;
}
