import type { RoomRow } from '../protocol/events';
import type { ListedRoom } from './api';

/** In the log of this epoch: `n` of the newest message, and of the last one that was read. Undefined: not known yet. */
interface Counts {
  epoch: string | undefined;
  n: number | undefined;
  read: number | undefined;
}

const NOTHING: Counts = { epoch: undefined, n: undefined, read: undefined };
/** Of a log that began anew. */
const NOTHING_READ: Counts = { epoch: undefined, n: 0, read: 0 };

/** The user's rooms on all his connections, kept up with what comes of them. */
export class RoomList {
  readonly #rooms = new Map<string, Counts>();
  #listed: readonly ListedRoom[] = [];

  constructor(private readonly changed: () => void) {}

  /** In the order of their coming; the same array, and for an unchanged room the same object, until it changes. */
  get listed(): readonly ListedRoom[] {
    return this.#listed;
  }

  /** How far the room is read, if anybody said so. */
  read(room: string): number | undefined {
    return this.#rooms.get(room)?.read;
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
      const { epoch, ...before } = (joined(room) ? known.get(room) : undefined) ?? NOTHING;
      this.#rooms.set(room, { epoch, n: furthest(n, before.n), read: furthest(read, before.read) });
    }
    for (const room of gone) this.#rooms.delete(room);
    this.#list();
  }

  /** A room is one of the user's, and this is said of it. In one log nothing goes back; in a new one nothing is read. */
  moved(room: string, said: Partial<Counts> = {}): void {
    const before = this.#rooms.get(room) ?? NOTHING;
    const { epoch, n, read } = beganAnew(before, said) ? NOTHING_READ : before;
    this.#rooms.set(room, {
      epoch: said.epoch ?? epoch,
      n: furthest(said.n, n),
      read: furthest(said.read, read),
    });
    this.#list();
  }

  /** So many messages of the room are not read. */
  left(room: string, unread: number): void {
    const n = this.#rooms.get(room)?.n ?? unread;
    this.moved(room, { n, read: n - unread });
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

/** Where nobody told the epoch, fewer messages than before are of a new log. */
function beganAnew(before: Counts, { epoch, n }: Partial<Counts>): boolean {
  if (epoch !== undefined && before.epoch !== undefined) return epoch !== before.epoch;
  return n !== undefined && before.n !== undefined && n < before.n;
}

const furthest = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
