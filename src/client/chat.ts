import type { WireError } from '../protocol/codes';
import type { Position, User } from '../protocol/entries';
import type { Gap, Hello } from '../protocol/events';
import { LOBBY, MAX_ROOMS } from '../protocol/limits';
import { roomName } from '../protocol/names';
import type { Auth } from '../protocol/schemas';
import type { Chat, ChatOptions, ChatState, Room } from './api';
import { Changes } from './changes';
import { Connection, type Receiver } from './connect';
import type { Link } from './link';
import { LiveRoom, type RoomOwner } from './room';
import type { Received } from './wire';

/** Connects to the fleet, at once and for good: see `Chat`. */
export function createChat(options: ChatOptions = {}): Chat {
  return new LiveChat(options);
}

class LiveChat implements Chat, Receiver, RoomOwner {
  readonly #changes = new Changes();
  readonly #rooms = new Map<string, LiveRoom>();
  readonly #connection: Connection;
  #user: User | undefined;
  #guestToken: string | undefined;
  #link: Link | undefined;

  readonly onChange = this.#changes.on;

  constructor(private readonly options: ChatOptions) {
    this.#connection = new Connection(options.url, this);
  }

  get state(): ChatState {
    return this.#connection.state;
  }

  get user(): User | undefined {
    return this.#user;
  }

  room(name: string): Room {
    const spelled = roomName(name);
    const known = this.#rooms.get(spelled);
    if (known) return known;
    const room = new LiveRoom(spelled, this);
    this.#rooms.set(spelled, room);
    if (this.#link) room.connected(this.#link, undefined);
    return room;
  }

  connect(): void {
    this.#connection.connect();
  }

  close(): void {
    this.#connection.close();
  }

  auth(): Auth {
    const { name } = this.options;
    const token = this.options.token ?? this.#guestToken;
    const rooms = this.#positions();
    if (token !== undefined) return { token, rooms };
    return name === undefined ? { rooms } : { name, rooms };
  }

  hello(hello: Hello, link: Link): void {
    this.#link = link;
    this.#guestToken = hello.token ?? this.#guestToken;
    this.#user = hello.user;
    // Every connection is in the lobby from its start, wanted or not.
    if (!this.#rooms.has(LOBBY)) link.ask('detach', { room: LOBBY }, () => undefined);
    for (const room of this.#rooms.values()) {
      room.connected(
        link,
        hello.rooms.find((row) => row.room === room.name),
      );
    }
  }

  messages(entries: Received[]): void {
    this.#rooms.get(entries[0]?.room ?? '')?.receive(entries);
  }

  gap(gap: Gap): void {
    this.#rooms.get(gap.room)?.gap(gap);
  }

  lost(): void {
    this.#link = undefined;
    for (const room of this.#rooms.values()) room.disconnected();
  }

  /** A guest token that servers know no more is worth nothing: be another unnamed guest. */
  refused(error: WireError): boolean {
    const stale = this.#guestToken !== undefined && error.code.startsWith('auth_');
    if (stale) this.#guestToken = undefined;
    return stale;
  }

  changed(): void {
    this.#changes.tell();
  }

  /** Until the first hello the name is all that one knows of oneself. */
  self(): User {
    return this.#user ?? { id: '', name: this.options.name ?? '' };
  }

  ended(room: LiveRoom): void {
    this.#rooms.delete(room.name);
  }

  #positions(): Record<string, Position> {
    const rooms = [...this.#rooms.values()].slice(0, MAX_ROOMS);
    return Object.fromEntries(rooms.flatMap(({ name, position }) => (position ? [[name, position]] : [])));
  }
}
