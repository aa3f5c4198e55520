import type { RoomRow } from '../protocol/events';

/** A room of the user, with the number of messages that he has not read. */
export interface ListedRoom {
  readonly room: string;
  readonly unread: number;
}

/** `n` of the newest message, and of the last one that was read. Undefined: not known yet. */
interface Counts {
  n: number | undefined;
  read: number | undefined;
}

const NOTHING: Counts = { n: undefined, read: undefined };

/** The user's rooms on all his connections, kept up with what comes of them. */
export class RoomList {
  readonly #rooms = new Map<string, Counts>();
  #listed: readonly ListedRoom[] = [];

  constructor(private readonly changed: () => void) {}

  /** In the order of their coming; the same array, and for an unchanged room the same object, until it changes. */
  get listed(): readonly ListedRoom[] {
    return this.#listed;
  }

  /** Whether anybody said how far the room is read. */
  knowsRead(room: string): boolean {
    return this.#rooms.get(room)?.read !== undefined;
  }

  unread(room: string): number {
    const { n, read } = this.#rooms.get(room) ?? NOTHING;
    return n === undefined || read === undefined ? 0 : Math.max(0, n - read);
  }

  /** What the server says of all rooms. Those in `joined` stay, and what live entries told of them is newer. */
  replace(rows: readonly RoomRow[], joined: (room: string) => boolean): void {
    const known = new Map(this.#rooms);
    const gone = new Set([...known.keys()].filter((room) => !joined(room)));
    for (const { room, n, read } of rows) {
      gone.delete(room);
      const before = joined(room) ? known.get(room) : undefined;
      this.#rooms.set(room, { n: Math.max(n, before?.n ?? 0), read: Math.max(read, before?.read ?? 0) });
    }
    for (const room of gone) this.#rooms.delete(room);
    this.#list();
  }

  /** A room is one of the user's, and its newest message has this number if one is given: a lower one than before is of a log that began anew. */
  moved(room: string, n?: number, read?: number): void {
    const before = this.#rooms.get(room) ?? NOTHING;
    const anew = n !== undefined && before.n !== undefined && n < before.n;
    this.#rooms.set(room, { n: n ?? before.n, read: read ?? (anew ? 0 : before.read) });
    this.#list();
  }

  /** So many messages of the room are not read. */
  read(room: string, unread: number): void {
    const n = this.#rooms.get(room)?.n ?? unread;
    this.moved(room, n, n - unread);
  }

  remove(room: string): void {
    if (this.#rooms.delete(room)) this.#list();
  }

  #list(): void {
    const before = new Map(this.#listed.map((row) => [row.room, row]));
    const now = [...this.#rooms.keys()].map((room) => {
      const unread = this.unread(room);
      const known = before.get(room);
      return known?.unread === unread ? known : { room, unread };
    });
    if (now.length === this.#listed.length && now.every((row, i) => row === this.#listed[i])) return;
    this.#listed = now;
    this.changed();
  }
}
