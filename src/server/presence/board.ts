import { ChatError, isUnavailable } from '../../protocol/codes';
import type { User } from '../../protocol/entries';
import type { MembersAnswer, Presence as Announcement } from '../../protocol/events';
import { Leases } from './leases';
import { afterOf, pageOf } from './members';
import { Others } from './others';
import { LINGER_MS, Roster } from './roster';
import { isChange, Stored } from './stored';
import type { Members, Presence, PresenceStore } from './types';
import { View } from './view';
import { every } from '../../rounds';

export interface BoardOptions {
  store: PresenceStore;
  /** Sends to the connections of this server that receive the room. */
  announce: (announcement: Announcement) => void;
  /** Tells the other servers that these rooms have changed. May get lost. */
  hint: (rooms: string[]) => void;
  /** Whether there is more important work: then rounds are fewer. */
  isPressed: () => boolean;
  report: (problem: string, error: unknown) => void;
}

const TICK_MS = 100;
const ROUNDS_A_TICK = 100;
/** Least time between two rounds of a room. */
const ROUND_MS = 1_000;
/** Least time between two announcements, for each who is told, and at most: in a room of thousands each is costly. */
const TOLD_MS_EACH = 1;
const TOLD_MS = 3_000;
const PRESSED_ROUND_MS = 5_000;
const RETRY_MS = 2_000;
const COMPARE_MS = 1_000;
/** Every room is compared after this time, or later: no more than so many a second are. */
const COMPARE_ALL_S = 30;
const COMPARE_AT_MOST = 200;
/** A server whose members were lost with the store's memory of a room has stored them again by then, hint or not. */
const SETTLE_MS = (COMPARE_ALL_S + 5) * 1_000;

/** A room with members on this server, and its next round, if there is one to come. */
class Room {
  readonly roster = new Roster();
  readonly stored = new Stored();
  readonly view = new View();
  dueAt = Infinity;
  lastAt = -Infinity;
  toldAt = -Infinity;
  /** Until then, who has vanished may only have been lost by the store. */
  settlesAt = -Infinity;
  busy = false;

  constructor(readonly name: string) {}
}

/**
 * Who is present in the rooms of this server. Changes of a room are collected, and settled in a round, at most
 * one a second: store what has changed here, read what the others have stored, announce the difference.
 */
export class Board implements Presence {
  private readonly rooms = new Map<string, Room>();
  private readonly waiting = new Set<Room>();
  private readonly changed = new Set<string>();
  private readonly leases: Leases;
  private readonly others: Others;
  private readonly endComparing: () => void;
  /** Of the next tick; none comes while no room waits for one. */
  private ticker: NodeJS.Timeout | undefined;
  private closed = false;
  private comparing: Iterator<Room> = this.rooms.values();
  /** Rooms to be compared next; the rest of a room is kept for the next time. */
  private owed = 0;
  private rev = 0;

  constructor(private readonly options: BoardOptions) {
    this.leases = new Leases(options.store, {
      anew: () => this.storeAnew(),
      died: (servers) => this.scheduleThose(({ view }) => view.hasAnyOf(servers)),
      settled: () => this.scheduleThose(({ view }) => view.isStale),
    });
    this.others = new Others(options.store, this.leases);
    this.endComparing = every(COMPARE_MS, () => this.compare());
  }

  /** A connection of this user receives the room from now on. */
  joined(name: string, user: User): void {
    const room = this.rooms.get(name) ?? new Room(name);
    this.rooms.set(name, room);
    room.roster.joined(user);
    this.schedule(room);
  }

  /** A connection of this user that had joined does not receive it any more. */
  ended(name: string, user: User): void {
    const room = this.rooms.get(name);
    if (!room) return;
    const now = performance.now();
    room.roster.ended(user, now);
    this.schedule(room, now + LINGER_MS);
  }

  /** Another server says that these rooms have changed. */
  hear(names: string[]): void {
    for (const name of names) {
      const room = this.rooms.get(name);
      if (room) this.schedule(room);
    }
  }

  /** To be called when the store is back. */
  recover(): void {
    this.leases.renew().catch(() => undefined); // or with the next renewal
  }

  async members(name: string, cursor?: string): Promise<MembersAnswer> {
    const after = afterOf(cursor);
    const room = this.rooms.get(name);
    const local: Members = room?.roster.users ?? new Map<string, User>();
    if (!this.options.store.available(name)) return { ...pageOf(name, local, after), partial: true };
    const known = room?.view.members(local);
    if (known) return pageOf(name, known, after);
    try {
      return await this.others.page(name, local, after);
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      return { ...pageOf(name, local, after), partial: true };
    }
  }

  isLarge(name: string): boolean {
    return this.rooms.get(name)?.view.isLarge ?? false;
  }

  /** Members of this server are not seen to go if they are back, on another one, before they would be. */
  async close(): Promise<void> {
    this.leases.stop();
    this.closed = true;
    this.endComparing();
    clearTimeout(this.ticker);
    await this.options.store.resign(LINGER_MS).catch(() => undefined); // then the lease runs out by itself
  }

  private schedule(room: Room, at = 0): void {
    room.dueAt = Math.min(room.dueAt, at);
    this.waiting.add(room);
    this.arm();
  }

  private arm(): void {
    if (!this.closed) this.ticker ??= setTimeout(() => void this.tick(), TICK_MS);
  }

  private scheduleThose(isMeant: (room: Room) => boolean): void {
    for (const room of this.rooms.values()) if (isMeant(room)) this.schedule(room);
  }

  private storeAnew(): void {
    for (const room of this.rooms.values()) room.stored.reset();
    this.scheduleThose(() => true);
  }

  /** Hints get lost: every room has a round now and then. */
  private compare(): void {
    this.owed = Math.min(this.owed + this.rooms.size / COMPARE_ALL_S, COMPARE_AT_MOST);
    for (; this.owed >= 1; this.owed--) {
      let { value: room } = this.comparing.next() as IteratorResult<Room, undefined>;
      if (!room) {
        this.comparing = this.rooms.values();
        room = this.comparing.next().value as Room | undefined;
      }
      if (room) this.schedule(room);
    }
  }

  private async tick(): Promise<void> {
    this.ticker = undefined;
    const now = performance.now();
    const roundMs = this.options.isPressed() ? PRESSED_ROUND_MS : ROUND_MS;
    const isDue = ({ busy, dueAt, lastAt }: Room): boolean =>
      !busy && Math.max(dueAt, lastAt + roundMs) <= now;
    const due = [...this.waiting].filter(isDue).slice(0, ROUNDS_A_TICK);
    const rounds = due.map((room) => this.round(room, now));
    if (this.waiting.size > 0) this.arm();
    await Promise.all(rounds);
    if (this.changed.size > 0) this.options.hint([...this.changed]);
    this.changed.clear();
  }

  private async round(room: Room, now: number): Promise<void> {
    this.waiting.delete(room);
    room.dueAt = Infinity;
    room.busy = true;
    const next = room.roster.settle(now);
    if (next !== undefined) this.schedule(room, next);
    try {
      await this.exchange(room);
    } catch (error) {
      if (!isUnavailable(error)) this.options.report(`presence in ${room.name} could not be settled`, error);
      this.schedule(room, now + RETRY_MS);
    }
    this.tell(room, now);
    room.lastAt = performance.now();
    room.busy = false;
    if (room.roster.users.size === 0 && room.stored.isEmpty) this.drop(room);
  }

  private tell(room: Room, now: number): void {
    const { name, roster, view } = room;
    const mayAt = room.toldAt + Math.min(TOLD_MS, roster.users.size * TOLD_MS_EACH);
    if (now < mayAt) return this.schedule(room, mayAt);
    const announcement = view.announce(name, roster.users);
    if (!announcement) return;
    this.options.announce(announcement);
    room.toldAt = now;
  }

  private async exchange(room: Room): Promise<void> {
    const { name, roster, stored, view } = room;
    const { store } = this.options;
    if (!store.available(name)) throw new ChatError('unavailable');
    const changes = stored.changes(roster.users, ++this.rev);
    const { id } = store;
    stored.sending(changes);
    const summaries = await store.exchange(name, changes);
    // Under the old id it is void.
    if (store.id !== id) throw new ChatError('unavailable');
    const own = summaries.find(({ server }) => server === id);
    stored.sent(changes, own);
    if (isChange(changes)) {
      this.changed.add(name);
      this.arm();
    }
    const now = performance.now();
    const { isCertain } = stored;
    // The store has lost something, or may have: what it says of the others would look as if they had gone.
    if (!isCertain || (!stored.isVouchedFor(changes) && view.isOutdated(summaries)))
      room.settlesAt = now + SETTLE_MS;
    if (!isCertain) {
      await this.leases.renew();
      throw new ChatError('unavailable');
    }
    const isSettling = now < room.settlesAt;
    if (isSettling) this.schedule(room, room.settlesAt);
    const others = await this.others.update(name, roster.users, view, summaries);
    view.take(others, isSettling || this.leases.settling);
  }

  private drop(room: Room): void {
    this.rooms.delete(room.name);
    this.waiting.delete(room);
  }
}
