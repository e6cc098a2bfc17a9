import { FakeClock } from "@net/core/testing";
import type { EgressOptions } from "../../src/egress/egress-options.ts";
import type { EgressQueue } from "../../src/egress/egress-queue.ts";
import type { Fate } from "../../src/egress/queued-frame.ts";
import { QoSManager, type QoSManagerOptions } from "../../src/qos-manager.ts";
import { frame, Gate } from "./gate.ts";

/** A queue on a fake clock, in front of a gate. */
export interface Scene {
  readonly clock: FakeClock;
  readonly qos: QoSManager;
  readonly gate: Gate;
  readonly queue: EgressQueue;
}

export function openScene(
  { room = 1_000_000, ...options }: EgressOptions & { readonly room?: number } = {},
  manager: QoSManagerOptions = {},
): Scene {
  const clock = new FakeClock();
  const qos = new QoSManager({ clock, ...manager });
  const gate = new Gate(room);
  return { clock, qos, gate, queue: qos.createEgress("gpu-box", gate, options) };
}

/** A queue whose link has just taken a frame (0) and takes no more. */
export function blockedScene(options: EgressOptions = {}, manager: QoSManagerOptions = {}): Scene {
  const scene = openScene({ ...options, room: 1 }, manager);
  scene.queue.offer(frame(0), "message");
  return scene;
}

/** A queue in front of a gate, on the machine's own clock. */
export function egressTo(gate: Gate, options: EgressOptions = {}): EgressQueue {
  return new QoSManager().createEgress("gpu-box", gate, options);
}

/** What became of frames that were offered, in the words of their codes. */
export class Fates {
  readonly all: string[] = [];

  readonly add = (fate: Fate): void => {
    this.all.push(fate instanceof Error ? fate.code : fate);
  };

  /** How many have that fate. */
  count(fate: string): number {
    return this.all.filter((each) => each === fate).length;
  }
}
