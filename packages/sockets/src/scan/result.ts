/**
 * `open`: something accepts connections. `closed`: the host said that nothing does. `filtered`: no answer that says
 * either, most often because a firewall drops the question, or the host is not there.
 */
export type PortState = "open" | "closed" | "filtered";

/** What a state was concluded from. */
export type PortReason =
  /** Open: the connection was made. */
  | "accepted"
  /** Closed: it was refused. */
  | "refused"
  /** Closed: it was reset on its way. */
  | "reset"
  /** Closed: the attempt met itself, as happens on loopback where nobody listens. */
  | "self-connect"
  /** Filtered: nothing came back in time. */
  | "no-response"
  /** Filtered: a router said that there is no way to the host. */
  | "unreachable"
  /** Filtered: a firewall, perhaps of this machine, forbids asking. */
  | "prohibited";

/** What is known of one port of one host. */
export interface PortResult {
  /** As it was given, or an address out of a range. */
  readonly host: string;
  /** The address that was asked. */
  readonly address: string;
  readonly port: number;
  readonly state: PortState;
  readonly reason: PortReason;
  /** From the attempt to the answer; undefined where none came. */
  readonly rttMs: number | undefined;
  /** The name IANA registered for the port: what should be there, not what is. */
  readonly service: string | undefined;
  /** What the service said, with `banner: true` and if it said something. */
  readonly banner: Banner | undefined;
}

/** What a service says of itself. */
export interface Banner {
  /** The first it says by itself, at most 1 KiB, control characters escaped. */
  readonly text?: string | undefined;
  readonly tls?: TLSBanner | undefined;
}

/** A TLS server's certificate: read, not checked. */
export interface TLSBanner {
  /** Such as `TLSv1.3`. */
  readonly protocol: string | undefined;
  /** The names and addresses it is for. */
  readonly names: readonly string[];
  readonly issuer: string | undefined;
  /** The end of its validity, as the certificate says it. */
  readonly validTo: string | undefined;
  /** SHA-256, in hexadecimal with colons. */
  readonly fingerprint256: string | undefined;
}

/** How far a scan is. */
export interface ScanProgress {
  /** Ports whose state is known. */
  readonly done: number;
  readonly total: number;
  readonly open: number;
  readonly elapsedMs: number;
}
