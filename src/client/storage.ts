/** The part of a browser's `Storage` that a chat needs. Any method may throw. */
export interface ChatStorage {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** A page's own storage. Reading the property alone throws where storage is blocked; Node has no window. */
export function browserStorage(): ChatStorage | undefined {
  try {
    return (globalThis as { window?: { localStorage?: ChatStorage } }).window?.localStorage;
  } catch {
    return undefined;
  }
}

/** Values by key, as JSON. Never throws: what cannot be kept is not, and the chat goes on without. */
export class Shelf {
  /** Of several fleets that one page talks to, each has its keys. */
  readonly #prefix: string;

  constructor(
    private readonly storage: ChatStorage | undefined,
    url = '',
  ) {
    this.#prefix = `chatfleet:${url}:`;
  }

  /** What lies under the keys that begin like this, whoever put it there. */
  all(start: string): unknown[] {
    return this.keys(start).map((key) => this.read(key));
  }

  /** The keys that begin like this. */
  keys(start: string): string[] {
    return (this.#try((storage) => keysOf(storage)) ?? [])
      .filter((key) => key.startsWith(this.#prefix + start))
      .map((key) => key.slice(this.#prefix.length));
  }

  /** Whether this key of the storage is one of these; null, as browsers say it, is any. */
  holds(storageKey: string | null): boolean {
    return storageKey === null || storageKey.startsWith(this.#prefix);
  }

  read(key: string): unknown {
    return this.#try((storage) => JSON.parse(storage.getItem(this.#prefix + key) ?? 'null') as unknown);
  }

  write(key: string, value: object): void {
    this.#try((storage) => storage.setItem(this.#prefix + key, JSON.stringify(value)));
  }

  remove(key: string): void {
    this.#try((storage) => storage.removeItem(this.#prefix + key));
  }

  #try<T>(action: (storage: ChatStorage) => T): T | undefined {
    try {
      return this.storage && action(this.storage);
    } catch {
      return undefined;
    }
  }
}

function keysOf(storage: ChatStorage): string[] {
  return Array.from({ length: storage.length }, (_, i) => storage.key(i) ?? '');
}
