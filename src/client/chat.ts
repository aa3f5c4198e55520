import type { WireError } from '../protocol/codes';
import type { Position, User } from '../protocol/entries';
import type { Hello } from '../protocol/events';
import { LOBBY, MAX_ROOMS } from '../protocol/limits';
import { roomName } from '../protocol/names';
import type { Auth } from '../protocol/schemas';
import type { Chat, ChatOptions, ChatState, ListedRoom, Room } from './api';
import { Changes } from './changes';
import { Connection, type Handlers, type Receiver } from './connect';
import { Identity } from './identity';
import { AWAY, type Link } from './link';
import { LiveRoom, type RoomOwner } from './room';
import { RoomList } from './room-list';
import { browserStorage, Shelf } from './storage';
import { UnsentStore } from './unsent-store';

/** Connects to the fleet, at once and for good: see `Chat`. */
export function createChat(options: ChatOptions = {}): Chat {
  return new LiveChat(options);
}

class LiveChat implements Chat, Receiver, RoomOwner {
  readonly #changes = new Changes();
  readonly #rooms = new Map<string, LiveRoom>();
  readonly #connection: Connection;
  readonly #identity: Identity;
  readonly unsent: UnsentStore;
  readonly list = new RoomList(() => this.changed());
  #link: Link | undefined;
  /** A question for the rooms is under way, or another is needed after it. */
  #askedRooms: 'once' | 'again' | undefined;

  readonly onChange = this.#changes.on;

  readonly handlers: Handlers = {
    messages: (entries) => this.#rooms.get(entries[0]?.room ?? '')?.receive(entries),
    gap: (gap) => this.#rooms.get(gap.room)?.gap(gap),
    presence: (presence) => this.#rooms.get(presence.room)?.presence(presence),
    typing: ({ room, user, active }) => this.#rooms.get(room)?.typed(user, active),
    activity: ({ room, n }) => this.#activity(room, n),
    read: (read) => this.#read(read.room, read),
    expiring: () => void this.#refresh(),
  };

  constructor(options: ChatOptions) {
    const shelf = new Shelf(options.storage ?? browserStorage(), options.url);
    this.#identity = new Identity(options, shelf);
    this.unsent = new UnsentStore(shelf, this.#identity);
    this.#connection = new Connection(options, this);
  }

  get state(): ChatState {
    return this.#connection.state;
  }

  get user(): User | undefined {
    return this.#identity.user;
  }

  rooms(): readonly ListedRoom[] {
    return this.list.listed;
  }

  room(name: string): Room {
    const spelled = roomName(name);
    const known = this.#rooms.get(spelled);
    if (known) return known;
    const room = new LiveRoom(spelled, this);
    this.#rooms.set(spelled, room);
    this.list.moved(spelled);
    if (this.#link) room.connected(this.#link, undefined);
    return room;
  }

  openDirect(userId: string): Promise<{ room: string } | { error: WireError }> {
    const link = this.#link;
    if (!link) return Promise.resolve({ error: AWAY });
    return new Promise((resolve) => link.ask('openDirect', { user: userId }, resolve));
  }

  connect(): void {
    this.#connection.connect();
  }

  close(): void {
    this.#connection.close();
  }

  auth(): Auth | Promise<Auth> {
    return this.#identity.auth(this.#positions());
  }

  hello(hello: Hello, link: Link): void {
    this.#link = link;
    this.#identity.welcomed(hello);
    // Every connection is in the lobby from its start, wanted or not.
    if (!this.#rooms.has(LOBBY)) link.ask('detach', { room: LOBBY }, () => undefined);
    for (const room of this.#rooms.values()) {
      room.connected(
        link,
        hello.rooms.find((row) => row.room === room.name),
      );
    }
    this.#askedRooms = undefined;
    this.lookAtRooms();
  }

  /** Joins that are answered together ask together. */
  lookAtRooms(): void {
    const link = this.#link;
    if (!link) return;
    if (this.#askedRooms !== undefined) {
      this.#askedRooms = 'again';
      return;
    }
    this.#askedRooms = 'once';
    link.insist('rooms', {}, (answer) => {
      if (link !== this.#link) return;
      const again = this.#askedRooms === 'again';
      this.#askedRooms = undefined;
      if (answer.ok) this.list.replace(answer.rooms, (room) => this.#rooms.has(room));
      if (again && answer.ok) this.lookAtRooms();
    });
  }

  lost(): void {
    this.#link = undefined;
    for (const room of this.#rooms.values()) room.disconnected();
  }

  refused(error: WireError): boolean {
    return this.#identity.changes(error);
  }

  changed(): void {
    this.#changes.tell();
  }

  self(): User {
    return this.#identity.self;
  }

  ended(room: LiveRoom, how: 'detach' | 'leave'): void {
    this.#rooms.delete(room.name);
    if (how === 'leave') this.list.remove(room.name);
  }

  #activity(room: string, n: number): void {
    // A room that was not listed is new to the user: all of it is unread.
    const listed = this.list.listed.some((row) => row.room === room);
    this.list.moved(room, { n, read: listed ? undefined : 0 });
  }

  #read(room: string, read: Parameters<Handlers['read']>[0]): void {
    const joined = this.#rooms.get(room);
    if (joined) joined.readElsewhere(read);
    else this.list.left(room, read.unread);
  }

  /** A token that cannot be had now is asked for again when the old one has ended the connection. */
  async #refresh(): Promise<void> {
    const link = this.#link;
    const token = await this.#identity.newToken().catch(() => undefined);
    if (token === undefined || link !== this.#link) return;
    link?.insist('refreshToken', { token }, ({ ok }) => ok && this.#joinAgain());
  }

  /** Another token may open rooms and shut others. */
  #joinAgain(): void {
    for (const room of this.#rooms.values()) room.joinAgain();
    this.lookAtRooms();
  }

  #positions(): Record<string, Position> {
    const rooms = [...this.#rooms.values()].slice(0, MAX_ROOMS);
    return Object.fromEntries(rooms.flatMap(({ name, position }) => (position ? [[name, position]] : [])));
  }
}
