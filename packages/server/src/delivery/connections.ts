import type { Clock, Logger } from "@net/core";
import type { Accounts } from "../accounts/accounts.ts";
import type { MessageStore, Session } from "../store/store.ts";
import { closeCodes } from "./close-codes.ts";
import type { Connection } from "./connection.ts";
import { Delivery } from "./delivery.ts";
import { Visit } from "./visit.ts";
import type { WakeUps } from "./wake-ups.ts";

export interface ConnectionsParts {
  readonly accounts: Accounts;
  readonly messages: MessageStore;
  readonly wakeUps: WakeUps;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Presence {
  readonly visit: Visit;
  readonly sessionId: string;
}

/** Everyone who is connected. A device has one connection at a time: a newer one ends the older. */
export class Connections {
  readonly #parts: ConnectionsParts;
  readonly #visits = new Set<Visit>();
  readonly #byDevice = new Map<string, Presence>();

  constructor(parts: ConnectionsParts) {
    this.#parts = parts;
  }

  /** A new connection, whose frames go to the visit that is returned. */
  open(connection: Connection): Visit {
    const { accounts, clock, logger } = this.#parts;
    const visit: Visit = new Visit({
      connection,
      clock,
      authenticate: (token) => accounts.authenticate(token),
      admit: (session) => this.#admit(visit, connection, session),
      onEnd: () => this.#forget(visit),
      onFailure: (error) => logger.error({ error }, "a delivery failed"),
    });
    this.#visits.add(visit);
    return visit;
  }

  /** Ends the session's connection, if it has one. */
  endSession({ id, device }: Session): void {
    const presence = this.#byDevice.get(device.id);
    if (presence?.sessionId !== id) return;
    presence.visit.close(closeCodes.unauthorized, "logged out");
  }

  /** Tells everyone that the server stops. */
  closeAll(): void {
    for (const visit of [...this.#visits]) visit.close(closeCodes.restart, "the server stops");
  }

  #admit(visit: Visit, connection: Connection, session: Session): Delivery {
    const { messages, wakeUps } = this.#parts;
    const { id: deviceId, name } = session.device;
    const older = this.#byDevice.get(deviceId);
    this.#byDevice.set(deviceId, { visit, sessionId: session.id });
    older?.visit.close(closeCodes.replaced, `the device "${name}" connected again`);
    const onFailure = (error: unknown): void => visit.fail(error);
    return new Delivery({ session, messages, wakeUps, connection, onFailure });
  }

  #forget(visit: Visit): void {
    this.#visits.delete(visit);
    for (const [deviceId, presence] of this.#byDevice) {
      if (presence.visit === visit) this.#byDevice.delete(deviceId);
    }
  }
}
