import type { ListedRoom, Room, ShownMessage } from '../../src/client';
import { Changes } from '../../src/client/changes';
import { Shelf, type ChatStorage } from '../../src/client/storage';

/** From where on a room shall count as unread again. */
export interface Mark {
  epoch: string;
  seq: number;
  /** How many messages from there on the servers count as read. */
  read: number;
}

type ByRoom = ReadonlyMap<string, Mark>;

/**
 * What somebody marked as unread to come back to, by room. Servers know no way back, since a position that may go
 * back is one that two devices undo for each other; so this browser remembers it, in all its tabs.
 */
export class Marks {
  readonly #changes = new Changes();
  readonly #shelf: Shelf;
  #marks: ByRoom;

  readonly onChange = this.#changes.on;

  constructor(storage: ChatStorage | undefined) {
    this.#shelf = new Shelf(storage, 'unread');
    this.#marks = this.#kept();
  }

  /** The same map until something changes. */
  readonly all = (): ByRoom => this.#marks;

  /** Undefined also when the log of the room began anew since. */
  of({ name, epoch }: Pick<Room, 'name' | 'epoch'>): Mark | undefined {
    const mark = this.#marks.get(name);
    return mark?.epoch === epoch ? mark : undefined;
  }

  set(room: string, mark: Mark): void {
    this.#shelf.write(room, mark);
    this.#become(new Map(this.#marks).set(room, mark));
  }

  remove(room: string): void {
    if (!this.#marks.has(room)) return;
    this.#shelf.remove(room);
    this.#become(new Map([...this.#marks].filter(([name]) => name !== room)));
  }

  /** They belong to whoever made them. */
  clear(): void {
    for (const room of this.#marks.keys()) this.remove(room);
  }

  /** Another tab has changed what lies under this key of the storage; null: anything. */
  readAgain(key: string | null): void {
    if (this.#shelf.holds(key)) this.#become(this.#kept());
  }

  #become(marks: ByRoom): void {
    this.#marks = marks;
    this.#changes.tell();
  }

  #kept(): ByRoom {
    const rooms = this.#shelf.keys('');
    return new Map(
      rooms.flatMap((room) => {
        const mark = this.#shelf.read(room);
        return isMark(mark) ? [[room, mark]] : [];
      }),
    );
  }
}

function isMark(kept: unknown): kept is Mark {
  const { epoch, seq, read } = (kept ?? {}) as Partial<Record<keyof Mark, unknown>>;
  return typeof epoch === 'string' && Number.isSafeInteger(seq) && Number.isSafeInteger(read);
}

/** A mark at this message; undefined while it has no place in the log. */
export function markAt(room: Room, { key, seq }: ShownMessage): Mark | undefined {
  if (room.epoch === undefined || seq === undefined) return undefined;
  const committed = room.timeline().filter((message) => message.seq !== undefined);
  const from = committed.length - committed.findIndex((message) => message.key === key);
  return { epoch: room.epoch, seq, read: Math.max(0, from - room.unread) };
}

/** The rooms with what is unread in them, marks and all. */
export function withMarks(rooms: readonly ListedRoom[], marks: ByRoom): readonly ListedRoom[] {
  if (marks.size === 0) return rooms;
  return rooms.map(({ room, unread }) => ({ room, unread: unread + (marks.get(room)?.read ?? 0) }));
}
