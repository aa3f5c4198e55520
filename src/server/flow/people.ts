import { ChatError } from '../../protocol/codes';
import type { HelloRoom, RoomRow, ServerToClient } from '../../protocol/events';
import { LOBBY, MAX_MEMBERSHIPS } from '../../protocol/limits';
import type { Memberships, ReadMark, UserRooms } from '../people/types';
import type { RoomLog } from '../roomlog/types';
import { Directory } from './directory';
import { OwnMarks } from './own-marks';
import { Recall } from './recall';
import type { Session } from './session';
import type { MayEnter } from './types';

type Read = Parameters<ServerToClient['read']>[0];

const HEADS_AT_ONCE = 200;

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
export class People {
  private readonly directory = new Directory<Session>();
  private readonly recall: Recall;
  /** The lobby is everybody's, but who has left it hears no more of it on that connection. */
  private readonly outsideLobby = new WeakSet<Session>();
  private readonly ownMarks = new WeakMap<Session, OwnMarks>();

  constructor(private readonly deps: PeopleDeps) {
    this.recall = new Recall(this.directory, deps.memberships);
    deps.log.onRecovered(() => {
      deps.memberships.flush();
      this.recall.refresh(this.directory.keys().filter((key) => !isOfConnection(key)));
    });
  }

  /**
   * To be called first: what changes from then on is heard. Resolves with the rooms of the session's user; undefined
   * if nothing is kept for him, or the store is away.
   */
  async enter(session: Session): Promise<UserRooms | undefined> {
    const key = this.keyOf(session);
    this.directory.enter(key, session);
    return isOfConnection(key) ? undefined : this.recall.of(key);
  }

  /** To be called when the rooms of `hello` are joined: of whom nothing is kept, they are all he has. */
  resumed(session: Session): void {
    const key = this.keyOf(session);
    if (!isOfConnection(key)) return;
    for (const room of session.joined.keys()) if (room !== LOBBY) this.directory.set(key, room, true);
  }

  exit(session: Session): void {
    this.directory.exit(this.keyOf(session), session);
  }

  /** Throws `too_large` where a join would be a membership too many. */
  checkJoin(session: Session, room: string): void {
    const key = this.keyOf(session);
    if (room === LOBBY || this.directory.isMember(key, room)) return;
    if (this.directory.count(key) >= MAX_MEMBERSHIPS)
      throw new ChatError('too_large', `at most ${MAX_MEMBERSHIPS} rooms of a user`);
  }

  joined(session: Session, room: string): void {
    if (room === LOBBY) return void this.outsideLobby.delete(session);
    const known = this.directory.isMember(this.keyOf(session), room);
    if (!known) this.change(session, room, true); // joining again costs the store nothing
  }

  left(session: Session, room: string): void {
    this.ownMarks.get(session)?.forget(room);
    if (room === LOBBY) this.outsideLobby.add(session);
    else this.change(session, room, false);
  }

  /** To be called with what other servers publish. */
  heard(userId: string, room: string, member: boolean): void {
    this.directory.set(userId, room, member);
  }

  /** Both users become members of their direct room. Throws `too_large`. */
  openDirect(session: Session, other: string, room: string): void {
    const { deps } = this;
    this.checkJoin(session, room);
    this.joined(session, room);
    if (other === session.user.id || !deps.isKept(other)) return;
    void deps.memberships.invite(other, room).then((outcome) => {
      if (outcome !== 'changed') return; // his list may be full
      this.directory.set(other, room, true);
      deps.publish(other, room, true);
    });
  }

  /** Sends `activity` to those on this server who are members of the room, but have not joined it. */
  moved(room: string, head: number, n: number): void {
    const { directory, deps } = this;
    const sessions = room === LOBBY ? directory.allSessions() : directory.sessionsOf(room);
    for (const session of sessions) {
      if (!session.greeted || session.joined.has(room) || session.awaitsJoin(room)) continue;
      if (room === LOBBY && this.outsideLobby.has(session)) continue;
      if (!deps.mayEnter(session.user, session.rights, room)) continue;
      session.connection.send('activity', { room, head, n });
    }
  }

  /** The rooms of the session's user that his claims still allow, and where they are. Throws `unavailable`. */
  async rows(session: Session): Promise<RoomRow[]> {
    const { deps } = this;
    const own = await this.roomsOf(session);
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

  /**
   * Moves the session's user's position forward. Resolves with the one in force, and whether that is the user's or,
   * who is not a member, this connection's alone. Throws `unavailable`.
   */
  async mark(session: Session, room: string, mark: ReadMark): Promise<{ inForce: ReadMark; kept: boolean }> {
    const { deps } = this;
    const kept = deps.isKept(session.user.id)
      ? await deps.memberships.mark(session.user.id, room, mark)
      : undefined;
    return { inForce: kept ?? this.markHere(session, room, mark), kept: kept !== undefined };
  }

  tellOthers(session: Session, read: Read): void {
    this.deps.tellOthers(session, read);
  }

  private markHere(session: Session, room: string, mark: ReadMark): ReadMark {
    const marks = this.ownMarks.get(session) ?? new OwnMarks();
    this.ownMarks.set(session, marks);
    return marks.move(room, mark);
  }

  private async roomsOf(session: Session): Promise<UserRooms> {
    const { id } = session.user;
    if (this.deps.isKept(id)) return this.deps.memberships.of(id);
    const marks = this.ownMarks.get(session);
    return new Map(
      [LOBBY, ...this.directory.roomsOf(this.keyOf(session))].map((room) => [room, marks?.get(room)]),
    );
  }

  private change(session: Session, room: string, member: boolean): void {
    const { deps } = this;
    const { id } = session.user;
    this.directory.set(this.keyOf(session), room, member);
    if (!deps.isKept(id)) return;
    void deps.memberships.change(id, room, member).then((outcome) => {
      if (outcome === 'full') this.directory.set(id, room, false);
      if (outcome === 'changed') deps.publish(id, room, member);
    });
  }

  /** Of a user of whom nothing is kept each connection stands for itself. */
  private keyOf({ user, connection }: Session): string {
    return this.deps.isKept(user.id) ? user.id : `${OF_CONNECTION}${connection.id}`;
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

/** No user id begins like that. */
const OF_CONNECTION = '\n';
const isOfConnection = (key: string): boolean => key.startsWith(OF_CONNECTION);
