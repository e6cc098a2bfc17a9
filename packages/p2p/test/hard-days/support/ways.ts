/** Which ways between machines carry nothing, each direction for itself. */
export class Ways {
  readonly #shut = new Set<string>();
  #changed = Promise.withResolvers<void>();
  readonly #listeners = new Set<() => void>();

  /** From now on nothing gets from one to the other. */
  shut(from: string, to: string): void {
    this.#shut.add(`${from} ${to}`);
    this.#tell();
  }

  open(from: string, to: string): void {
    this.#shut.delete(`${from} ${to}`);
    this.#tell();
  }

  openAll(): void {
    this.#shut.clear();
    this.#tell();
  }

  isShut(from: string, to: string): boolean {
    return this.#shut.has(`${from} ${to}`);
  }

  /** Resolves at the next change. */
  get changed(): Promise<void> {
    return this.#changed.promise;
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
