// What goes over the shaped line: a kind, and a number or bulk data.
import { setTimeout as wait } from "node:timers/promises";

export const Kind = { bulk: 0, ping: 1, pong: 2, credit: 3 };

/**
 * @param {number} kind
 * @param {number} number
 */
export function encode(kind, number) {
  const frame = Buffer.alloc(9);
  frame[0] = kind;
  frame.writeDoubleBE(number, 1);
  return frame;
}

/** @param {Uint8Array} frame */
export function numberOf(frame) {
  return new DataView(frame.buffer, frame.byteOffset, frame.byteLength).getFloat64(1);
}

/**
 * Calls back with each frame of a link, that much later: a line that is long where the kernel has no `netem`.
 *
 * @param {import("@net/core").Link} link
 * @param {number} delay
 * @param {(frame: Uint8Array) => void} onFrame
 */
export function receiveLate(link, delay, onFrame) {
  let isOpen = true;
  let last = Promise.resolve();
  void link.closed.then(() => {
    isOpen = false;
  });
  link.receive((frame) => {
    if (delay === 0) {
      onFrame(frame);
      return;
    }
    const late = wait(delay);
    last = last.then(async () => {
      await late;
      if (isOpen) onFrame(frame);
    });
  });
}
