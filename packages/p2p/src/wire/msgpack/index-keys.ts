/** No array is that long: V8 gives up to keep a place for all smaller ones. */
const FAR = "4294967294";
const DIGIT_1: number = "1".charCodeAt(0);
const DIGIT_9: number = "9".charCodeAt(0);
const INDEX = /^\d{2,10}$/;

/** Whether V8 may take the key for a place in an array. For keys of one digit that costs nothing to speak of. */
export function isIndex(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= DIGIT_1 && first <= DIGIT_9 && INDEX.test(key);
}

/**
 * Keys that are numbers stand in a table from now on. V8 would keep them in an array with places for all that are not there: the
 * seven bytes of `{"1023":null}` would become twelve thousand.
 */
export function makeSparse(map: Record<string, unknown>): void {
  map[FAR] = null;
  delete map[FAR];
}
