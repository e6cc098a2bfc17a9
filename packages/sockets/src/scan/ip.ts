import { isIPv4, isIPv6, SocketAddress } from "node:net";

/** An IP address as a number. */
export interface IPNumber {
  readonly value: bigint;
  readonly bits: 32 | 128;
}

/** The address as a number; undefined if it is none. */
export function parseIP(text: string): IPNumber | undefined {
  if (isIPv4(text)) return { value: fold(text.split(".").map(Number), 8), bits: 32 };
  if (isIPv6(text) && !text.includes("%")) return { value: fold(groupsOf(text), 16), bits: 128 };
  return undefined;
}

/** The address in its usual form (RFC 5952 for IPv6). */
export function formatIP({ value, bits }: IPNumber): string {
  const width = bits === 32 ? 8n : 16n;
  const count = bits / Number(width);
  const parts = Array.from({ length: count }, (_, i) => {
    const shift = BigInt(count - 1 - i) * width;
    return Number((value >> shift) & ((1n << width) - 1n));
  });
  if (bits === 32) return parts.join(".");
  const long = parts.map((part) => part.toString(16)).join(":");
  return new SocketAddress({ family: "ipv6", address: long }).address;
}

/** The eight groups, with `::` filled in and an IPv4 tail taken apart. */
function groupsOf(text: string): readonly number[] {
  const [head = "", tail] = text.replace(/(?<=:)\d+\.\d+\.\d+\.\d+$/, hexTail).split("::");
  const [before, after] = [head, tail ?? ""].map((half) =>
    half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16)),
  ) as [number[], number[]];
  const gap = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...new Array<number>(gap).fill(0), ...after];
}

function hexTail(ipv4: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = ipv4.split(".").map(Number);
  return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
}

function fold(parts: readonly number[], width: number): bigint {
  return parts.reduce((value, part) => (value << BigInt(width)) | BigInt(part), 0n);
}
