/** What other peers say of their tools, beyond the names that the topology knows. */
export class ToolDirectory {
  readonly #idempotent = new Map<string, ReadonlySet<string>>();

  note(peerId: string, idempotent: readonly string[]): void {
    this.#idempotent.set(peerId, new Set(idempotent));
  }

  forget(peerId: string): void {
    this.#idempotent.delete(peerId);
  }

  /** Whether that peer says that running that tool twice does no harm. */
  isIdempotent(peerId: string, tool: string): boolean {
    return this.#idempotent.get(peerId)?.has(tool) ?? false;
  }
}
