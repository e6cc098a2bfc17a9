import { NetworkError, type Transport, ValidationError } from "@net/core";
import { invalid } from "../names.ts";

/**
 * Several transports as one: an address says by its scheme which it is for. Of two that know a scheme the first counts.
 *
 * @throws ValidationError if there is none. Its `dial` and `listen` reject with one for a scheme that none knows.
 */
export function combineTransports(transports: readonly Transport[]): Transport {
  const [first, ...others] = transports;
  if (!first) throw invalid("transports", "at least one");
  if (others.length === 0) return first;
  const schemes = [...new Set(transports.flatMap((transport) => transport.schemes))];
  const of = (address: string): Transport => transportOf(transports, address, schemes);
  return {
    schemes,
    dial: async (address, options) => await of(address).dial(address, options),
    listen: async (address, accept, options) => {
      const transport = of(address);
      if (transport.listen) return await transport.listen(address, accept, options);
      throw new NetworkError(
        "UNSUPPORTED",
        `cannot listen at ${address}: this transport only dials`,
      );
    },
  };
}

function transportOf(
  transports: readonly Transport[],
  address: string,
  schemes: readonly string[],
): Transport {
  const scheme = /^([a-z][a-z\d+.-]*):/i.exec(address)?.[1]?.toLowerCase() ?? "";
  const transport = transports.find((each) => each.schemes.includes(scheme));
  if (transport) return transport;
  throw new ValidationError(
    `no transport of this peer knows "${address}": an address begins with ${schemes.join(":, ")}:`,
  );
}
