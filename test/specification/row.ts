// The shape of the specification's table. Five specification documents say what the product must be able to do and
// which names its users already know; each file beside this one lists every public name of one of them.

/** Shows that a name does its job: throws, or rejects, if it does not. */
export type Proof = () => unknown;

/** The work that brings what is open: the number of an issue, or what a later one is about. */
export type Work =
  | 3
  | 4
  | 5
  | 6
  | `later: ${"ssh" | "server" | "client" | "agents" | "sync" | "protocols" | "web"}`;

interface Named {
  /** As a user of net writes it. */
  readonly name: string;
  readonly does: string;
  /** `entry Export`, `entry Export#member`, or a file of the repository. */
  readonly where: string;
}

export interface Done extends Named {
  readonly status: "done";
  readonly proof: Proof;
}

export interface Open extends Named {
  readonly status: "open";
  readonly by: Work;
}

export type Row = Done | Open;

/** One document's names. */
export interface Document {
  readonly title: string;
  readonly rows: readonly Row[];
}

export function done(name: string, does: string, where: string, proof: Proof): Done {
  return { status: "done", name, does, where, proof };
}

export function open(name: string, does: string, where: string, by: Work): Open {
  return { status: "open", name, does, where, by };
}
