import { type Listener, NetworkError } from "@net/core";

// A page dials; it does not listen, and has no diagnostics channels.

export async function observeDial<T>(
  _scheme: string,
  _address: string,
  dial: () => Promise<T>,
): Promise<T> {
  return await dial();
}

/** @throws NetworkError `UNSUPPORTED` */
export function attach(): Listener {
  throw cannotListen();
}

/** @throws NetworkError `UNSUPPORTED` */
export async function listen(): Promise<Listener> {
  throw cannotListen();
}

function cannotListen(): NetworkError {
  return new NetworkError("UNSUPPORTED", "a page in a browser can dial, but not listen");
}
