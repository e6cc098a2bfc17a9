import type { Rng } from "@net/core";
import type { TcpProxy } from "@net/core/testing";

/** Kills, freezes, delays and truncates the connections of a proxy until disposed, then leaves it alone. */
export function turmoil(proxy: TcpProxy, rng: Rng, period = 150): Disposable {
  const calm = (): void => {
    proxy.thaw();
    proxy.delay(0);
  };
  const troubles = [
    () => proxy.cut(),
    () => proxy.freeze(),
    () => proxy.delay(1 + Math.floor(rng.next() * 40)),
    () => proxy.truncate(),
  ];
  const timer = setInterval(() => {
    calm();
    troubles[Math.floor(rng.next() * troubles.length)]?.();
  }, period);
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      calm();
    },
  };
}
