import { ChatError } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import type { HelloRoom, RoomRow, ServerToClient } from '../../protocol/events';
import { LOBBY, MAX_MEMBERSHIPS } from '../../protocol/limits';
import type { Memberships, ReadMark, UserRooms } from '../people/types';
import type { RoomLog } from '../roomlog/types';
import { Directory } from './directory';
import type { RoomWatcher } from './join';
import type { Session } from './session';
import type { MayEnter } from './types';

type Read = Parameters<ServerToClient['read']>[0];

const HEADS_AT_ONCE = 200;
const RECALL_AT_ONCE = 50;
/** Others can make a user a member of direct rooms with them, but not fill his list. */
const MAX_BY_OTHERS = MAX_MEMBERSHIPS / 2;
/** Positions that are remembered for a connection alone: as many as it can have rooms to read. */
const MAX_OWN_MARKS = 200;

export interface PeopleDeps {
  log: RoomLog;
  memberships: Memberships;
  mayEnter: MayEnter;
  /** Whether anything is kept for this user beyond the connection. */
  isKept: (userId: string) => boolean;
  /** Tells the other servers that a membership began or ended; may be lost. */
  publish: (userId: string, room: string, member: boolean) => void;
  /** To the user's other connections, on all servers; may be lost. */
  tellOthers: (session: Session, read: Read) => void;
}

/**
 * The people of this server and their rooms. A user is a member from his first join until he leaves, over devices
 * and restarts; of an unnamed guest nothing outlives the connection.
 */
export class People implements RoomWatcher {
  private readonly directory = new Directory<Session>();
  private refreshing = false;
  private readonly ownMarks = new WeakMap<Session, Map<string, ReadMark>>();

  constructor(private readonly deps: PeopleDeps) {
    deps.log.onRecovered(() => void this.refresh());
  }

  /** The rooms of a user; undefined if nothing is kept for him, or the store is away. */
  async recall(user: User): Promise<UserRooms | undefined> {
    if (!this.deps.isKept(user.id)) return undefined;
    return this.deps.memberships.of(user.id).catch(() => undefined);
  }

  /** To be called after `hello`, with what `recall` gave. */
  enter(session: Session, rooms: UserRooms | undefined): void {
    const key = this.keyOf(session);
    this.directory.enter(key, session);
    if (rooms) this.directory.replace(key, withoutLobby(rooms));
  }

  exit(session: Session): void {
    this.directory.exit(this.keyOf(session), session);
  }

  /** Throws `too_large`. */
  joining(session: Session, room: string): void {
    const key = this.keyOf(session);
    if (room === LOBBY || this.directory.isMember(key, room)) return;
    if (this.directory.count(key) >= MAX_MEMBERSHIPS)
      throw new ChatError('too_large', `at most ${MAX_MEMBERSHIPS} rooms of a user`);
  }

  joined(session: Session, room: string): void {
    const known = this.directory.isMember(this.keyOf(session), room);
    if (room !== LOBBY && !known) this.change(session, room, true); // joining again costs the store nothing
  }

  left(session: Session, room: string): void {
    this.ownMarks.get(session)?.delete(room);
    if (room !== LOBBY) this.change(session, room, false);
  }

  /** To be called with what other servers publish. */
  heard(userId: string, room: string, member: boolean): void {
    this.directory.set(userId, room, member);
  }

  /** Both users become members of their direct room. Throws `too_large`. */
  openDirect(session: Session, other: string, room: string): void {
    this.joining(session, room);
    this.joined(session, room);
    if (other === session.user.id || !this.deps.isKept(other)) return;
    this.deps.memberships.change(other, room, true, MAX_BY_OTHERS);
    this.directory.set(other, room, true);
    this.deps.publish(other, room, true);
  }

  /** Sends `activity` to those on this server who are members of the room, but have not joined it. */
  moved(room: string, head: number, n: number): void {
    const { directory, deps } = this;
    const sessions = room === LOBBY ? directory.allSessions() : directory.sessionsOf(room);
    for (const session of sessions) {
      if (session.joined.has(room) || session.awaitsJoin(room)) continue;
      if (!deps.mayEnter(session.user, session.rights, room)) continue;
      session.connection.send('activity', { room, head, n });
    }
  }

  /** The rooms of the session's user that his claims still allow, and where they are. Throws `unavailable`. */
  async rows(session: Session): Promise<RoomRow[]> {
    const { deps } = this;
    const own = new Map([...(await this.roomsOf(session)), ...(this.ownMarks.get(session) ?? [])]);
    const rooms = [...new Set([LOBBY, ...own.keys()])];
    const allowed = rooms.filter((room) => deps.mayEnter(session.user, session.rights, room));
    const rows: RoomRow[] = [];
    for (let i = 0; i < allowed.length; i += HEADS_AT_ONCE) {
      const some = allowed.slice(i, i + HEADS_AT_ONCE);
      const heads = await deps.log.heads(some);
      some.forEach((room, j) => {
        const { epoch, head, n } = heads[j] ?? { epoch: '', head: 0, n: 0 };
        rows.push({ room, head, n, read: readIn(epoch, own.get(room)) });
      });
    }
    return rows;
  }

  /** Moves the session's user's position forward. Resolves with the one in force. Throws `unavailable`. */
  async mark(session: Session, room: string, mark: ReadMark): Promise<ReadMark> {
    const { deps } = this;
    const kept = deps.isKept(session.user.id)
      ? await deps.memberships.mark(session.user.id, room, mark)
      : undefined;
    return kept ?? this.markHere(session, room, mark);
  }

  tellOthers(session: Session, read: Read): void {
    this.deps.tellOthers(session, read);
  }

  /** For who is no member, or of whom nothing is kept: on this connection alone. */
  private markHere(session: Session, room: string, mark: ReadMark): ReadMark {
    const marks = this.ownMarks.get(session) ?? new Map<string, ReadMark>();
    this.ownMarks.set(session, marks);
    const known = marks.get(room);
    if (known?.epoch === mark.epoch && known.seq >= mark.seq) return known;
    const [oldest] = marks.keys();
    if (marks.size >= MAX_OWN_MARKS && oldest !== undefined) marks.delete(oldest);
    marks.set(room, mark);
    return mark;
  }

  private async roomsOf(session: Session): Promise<UserRooms> {
    const { id } = session.user;
    if (this.deps.isKept(id)) return this.deps.memberships.of(id);
    return new Map(this.directory.roomsOf(this.keyOf(session)).map((room) => [room, undefined]));
  }

  private change(session: Session, room: string, member: boolean): void {
    const { id } = session.user;
    this.directory.set(this.keyOf(session), room, member);
    if (!this.deps.isKept(id)) return;
    this.deps.memberships.change(id, room, member);
    this.deps.publish(id, room, member);
  }

  /** The store is back: it gets what it missed, and so do we. */
  private async refresh(): Promise<void> {
    const { memberships, isKept } = this.deps;
    memberships.flush();
    if (this.refreshing) return;
    this.refreshing = true;
    const users = this.directory.keys().filter(isKept);
    for (let i = 0; i < users.length; i += RECALL_AT_ONCE) {
      const recalls = users.slice(i, i + RECALL_AT_ONCE).map(async (id) => {
        this.directory.replace(id, withoutLobby(await memberships.of(id)));
      });
      await Promise.allSettled(recalls);
    }
    this.refreshing = false;
  }

  /** Of a user of whom nothing is kept each connection stands for itself. No user id begins like that. */
  private keyOf({ user, connection }: Session): string {
    return this.deps.isKept(user.id) ? user.id : `\n${connection.id}`;
  }
}

/** With what was read in each room of `hello`, where that is known. */
export function withRead(rows: HelloRoom[], rooms: UserRooms | undefined): HelloRoom[] {
  if (!rooms) return rows;
  return rows.map((row) =>
    row.epoch === null ? row : { ...row, read: readIn(row.epoch, rooms.get(row.room)) },
  );
}

/** What was read in another epoch counts as nothing. */
function readIn(epoch: string, mark: ReadMark | undefined): number {
  return mark?.epoch === epoch ? mark.n : 0;
}

const withoutLobby = (rooms: UserRooms): string[] => [...rooms.keys()].filter((room) => room !== LOBBY);
