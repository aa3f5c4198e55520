import type { ChatStorage } from '../../src/client';

/** What a browser keeps of one origin. `now()` is what another page, or the next one after a reload, would find. */
export class MemoryStorage implements ChatStorage {
  readonly #values: Map<string, string>;

  constructor(values: Iterable<[string, string]> = []) {
    this.#values = new Map(values);
  }
  get length(): number {
    return this.#values.size;
  }
  key = (index: number): string | null => [...this.#values.keys()][index] ?? null;
  getItem = (key: string): string | null => this.#values.get(key) ?? null;
  setItem = (key: string, value: string): void => void this.#values.set(key, value);
  removeItem = (key: string): void => void this.#values.delete(key);

  now = (): MemoryStorage => new MemoryStorage(this.#values);
  /** What lies there, each parsed. */
  values = (): Record<string, unknown>[] =>
    [...this.#values.values()].map((value) => JSON.parse(value) as Record<string, unknown>);
}

/** Blocked, as a browser may do, and full: every use throws. */
export const forbidden: ChatStorage = {
  get length(): number {
    throw new Error('blocked');
  },
  key: () => refuse(),
  getItem: () => refuse(),
  setItem: () => refuse(),
  removeItem: () => refuse(),
};

function refuse(): never {
  throw new Error('blocked');
}
