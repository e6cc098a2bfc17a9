import type { Acceptor, Clock } from "@net/core";
import type {
  DeviceCertificate,
  DeviceIdentity,
  OwnerIdentity,
  OwnerTrust,
} from "@net/core/identity";

export interface OfferPairingOptions {
  /** Certifies the new device. */
  readonly owner: OwnerIdentity;
  /** Learns of the new device, and gives it what it knows of others. */
  readonly trust: OwnerTrust;
  readonly transport: Acceptor;
  /** Where to listen for the new device: an address that it can reach, as `ws://192.168.1.2:0`. */
  readonly listenAddress: string;
  /** The key of this device. Default: one for this offer only. */
  readonly identity?: DeviceIdentity | undefined;
  /** What the new device is called; default: as it asks. */
  readonly name?: ((asked: string) => string) | undefined;
  /** How long the offer stands, in ms. Default 5 minutes. */
  readonly lifetime?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/** An open offer: whoever knows its code may become a device of the owner, once. */
export interface PairingOffer extends AsyncDisposable {
  /** To type on the new device, with the address: `7T4M-0K2P-91QX-ZC3D`. */
  readonly code: string;
  readonly address: string;
  /** Both in one text, to show as a QR code. */
  readonly invitation: string;
  /** The new device's certificate. Rejects when the offer ends without one. */
  readonly paired: Promise<DeviceCertificate>;
  close(): Promise<void>;
}
