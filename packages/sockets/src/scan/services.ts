import { ianaServices } from "./iana-services.ts";

/** The names of TCP ports, by IANA's registry: what should be there, not what is. */
class ServiceTable {
  readonly #names = new Map<number, string>();
  readonly #ports = new Map<string, number>();

  constructor(table: string) {
    let port = 0;
    for (const entry of table.trim().split(/\s+/)) {
      const [name = "", step = "1"] = entry.split("=");
      port += Number(step);
      this.#names.set(port, name);
      // The registry goes by rising ports: the lowest is the usual one.
      if (!this.#ports.has(name)) this.#ports.set(name, port);
    }
  }

  nameOf(port: number): string | undefined {
    return this.#names.get(port);
  }

  portOf(name: string): number | undefined {
    return this.#ports.get(name);
  }
}

let table: ServiceTable | undefined;

/** Reading the table takes a moment: whoever does not scan does without. */
function services(): ServiceTable {
  table ??= new ServiceTable(ianaServices);
  return table;
}

/** The registered name of a TCP port, such as `https` for 443. */
export function serviceName(port: number): string | undefined {
  return services().nameOf(port);
}

/** The TCP port registered for a service; its lowest, if there are several. */
export function servicePort(name: string): number | undefined {
  return services().portOf(name.toLowerCase());
}
