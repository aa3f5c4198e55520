/** Takes the listener back. Doing so twice does no harm. */
export type Unsubscribe = () => void;

/** Tells listeners that their subject changed; what it is now they read from the subject itself. */
export class Changes {
  readonly #listeners = new Set<() => void>();

  /** A listener that is already known is not called twice. */
  readonly on = (listener: () => void): Unsubscribe => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}
