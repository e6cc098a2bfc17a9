// The pseudocode of RFC 8289, section 5, as literally as TypeScript lets it stand: the oracle for ours.

const TARGET = 5;
const INTERVAL = 100;

export interface Packet {
  readonly id: number;
  readonly size: number;
  readonly tstamp: number;
}

interface DodequeueResult {
  p: Packet | undefined;
  ok_to_drop: boolean;
}

export class Rfc8289Queue {
  #packets: Packet[] = [];
  #dropped: number[] = [];
  #maxpacket = 0;
  #first_above_time = 0;
  #drop_next = 0;
  #count = 0;
  #lastcount = 0;
  #dropping = false;

  enque(pkt: Packet): void {
    this.#maxpacket = Math.max(this.#maxpacket, pkt.size);
    this.#packets.push(pkt);
  }

  /** The ids of what was dropped since it was last asked. */
  takeDropped(): number[] {
    return this.#dropped.splice(0);
  }

  deque(now: number): Packet | undefined {
    let r = this.#dodequeue(now);
    if (this.#dropping) {
      if (!r.ok_to_drop) {
        // sojourn time below TARGET - leave drop state
        this.#dropping = false;
      }
      while (now >= this.#drop_next && this.#dropping) {
        this.#drop(r.p);
        ++this.#count;
        r = this.#dodequeue(now);
        if (!r.ok_to_drop) {
          // leave drop state
          this.#dropping = false;
        } else {
          // schedule the next drop.
          this.#drop_next = this.#control_law(this.#drop_next, this.#count);
        }
      }
    } else if (r.ok_to_drop) {
      this.#drop(r.p);
      r = this.#dodequeue(now);
      this.#dropping = true;
      const delta = this.#count - this.#lastcount;
      this.#count = 1;
      if (delta > 1 && now - this.#drop_next < 16 * INTERVAL) this.#count = delta;
      this.#drop_next = this.#control_law(now, this.#count);
      this.#lastcount = this.#count;
    }
    return r.p;
  }

  #dodequeue(now: number): DodequeueResult {
    const r: DodequeueResult = { p: this.#packets.shift(), ok_to_drop: false };
    if (r.p === undefined) {
      // queue is empty - we can't be above TARGET
      this.#first_above_time = 0;
      return r;
    }
    const sojourn_time = now - r.p.tstamp;
    if (sojourn_time < TARGET || this.#bytes() <= this.#maxpacket) {
      // went below - stay below for at least INTERVAL
      this.#first_above_time = 0;
    } else if (this.#first_above_time === 0) {
      // just went above from below. if still above at first_above_time, will say it's ok to drop.
      this.#first_above_time = now + INTERVAL;
    } else if (now >= this.#first_above_time) {
      r.ok_to_drop = true;
    }
    return r;
  }

  #control_law(t: number, count: number): number {
    return t + INTERVAL / Math.sqrt(count);
  }

  #bytes(): number {
    return this.#packets.reduce((sum, { size }) => sum + size, 0);
  }

  #drop(p: Packet | undefined): void {
    if (p) this.#dropped.push(p.id);
  }
}
