import type { Rng } from "../random.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/**
 * Cuts, freezes, delays and truncates the connections of a proxy, one trouble after the other, until disposed; then it
 * leaves the proxy alone.
 *
 * @param period How long a trouble lasts, in ms. Default 150.
 * @example
 * ```ts
 * await using proxy = await TcpProxy.start(port);
 * using _turmoil = turmoil(proxy, seededRng(7));
 * ```
 */
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
