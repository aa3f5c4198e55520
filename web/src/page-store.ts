import {
  createChat,
  type Chat,
  type Room,
  type User,
  type ChatStorage,
  type WireError,
} from '../../src/client';
import { Changes } from '../../src/client/changes';
import { LOBBY } from '../../src/protocol/limits';
import { roomName, userName } from '../../src/protocol/names';
import { isDirect } from './direct';
import { Drafts } from './drafts';
import { Marks } from './marks';
import type { Link } from './place-link';
import { load, save, type Memory, type Saved } from './saved';

/** Somebody who has joined, with the rooms that he has open. */
export interface Session {
  readonly chat: Chat;
  /** Of a guest. */
  readonly name?: string;
  /** Of somebody who signed in. */
  readonly token?: string;
  readonly rooms: readonly Room[];
  readonly current: Room;
  /** Who is behind a direct room, as far as this browser remembers. */
  readonly names: Readonly<Record<string, string>>;
}

/** Direct rooms that are joined on sight, so that they carry a name and are heard. */
const MAX_DIRECTS = 30;

/** Rooms of many first, then those of two. */
export function inListOrder(rooms: readonly Room[]): Room[] {
  const direct = ({ name }: Room): boolean => isDirect(name);
  return [...rooms.filter((room) => !direct(room)), ...rooms.filter(direct)];
}

/** The one state of the page. What happens inside rooms is their own; see `hooks.ts`. */
export class PageStore {
  readonly #changes = new Changes();
  readonly #memory: Memory;
  #session: Session | undefined;
  /** Somebody asks for the newest message of the room that is shown. */
  readonly latestWanted = new Changes();
  /** A message to be shown was named. */
  readonly targeted = new Changes();
  #target: Link | undefined;
  /** Texts that were begun, per room. */
  readonly drafts: Drafts;
  /** What is to be read again, per room. */
  readonly marks: Marks;

  readonly onChange = this.#changes.on;

  constructor(memory: Memory & ChatStorage) {
    this.#memory = memory;
    this.drafts = new Drafts(memory);
    this.marks = new Marks(memory);
    const saved = load(memory);
    this.#begin(saved);
  }

  readonly session = (): Session | undefined => this.#session;

  /** Throws a ChatError (`invalid`) for a name that cannot be. */
  join(name: string): void {
    const { rooms } = load(this.#memory);
    this.#begin({ name: userName(name.trim()), rooms: rooms.filter((room) => !isDirect(room)) });
  }

  /** Goes on as who this token is for. What was begun, and what is unsent, stays. */
  signIn(token: string): void {
    this.#session?.chat.close();
    this.#begin({ ...load(this.#memory), token });
  }

  /** Forgets who one is, so that the page asks for a name; the rooms are kept. */
  signOut(): void {
    this.#session?.chat.close();
    this.#session = undefined;
    this.drafts.clear();
    this.marks.clear();
    const { rooms } = load(this.#memory);
    // Direct rooms belong to the name, and are closed to any other.
    this.#changed({ rooms: rooms.filter((room) => !isDirect(room)) });
  }

  /** Opens a room, or shows it when it is open. Throws a ChatError (`invalid`) for a name that cannot be. */
  open(name: string): void {
    const session = this.#session;
    if (!session) return;
    const current = session.chat.room(roomName(name));
    const rooms = session.rooms.includes(current) ? session.rooms : [...session.rooms, current];
    this.#set({ ...session, rooms, current });
  }

  /** Opens the room that an address names, at the message that it may name. */
  follow(link: Link): void {
    this.#target = link;
    if (!this.#session) return; // it is for whoever joins
    this.open(link.room);
    this.targeted.tell();
  }

  /** Shows this message of a room that is open. */
  goTo({ name, epoch }: Room, seq: number | undefined): void {
    if (epoch !== undefined && seq !== undefined) this.follow({ room: name, at: { epoch, seq } });
  }

  /** The seq of the message that the room is to be shown at; 0, which no message has, if its log began anew since. Once. */
  takeTarget({ name, epoch }: Room): number | undefined {
    const { at, room } = this.#target ?? {};
    if (!at || room !== name || epoch === undefined) return undefined;
    this.#target = undefined;
    return at.epoch === epoch ? at.seq : 0;
  }

  /** Shows the next room of the list (1) or the one before (-1). */
  step(by: 1 | -1): void {
    const session = this.#session;
    if (!session) return;
    const rooms = inListOrder(session.rooms);
    this.open(rooms.at((rooms.indexOf(session.current) + by) % rooms.length)!.name);
  }

  /** Opens the direct room with somebody, or says why that cannot be. */
  async openDirect({ id, name }: User): Promise<WireError | undefined> {
    const chat = this.#session?.chat;
    if (!chat) return undefined;
    const answer = await chat.openDirect(id);
    if ('error' in answer) return answer.error;
    if (this.#session?.chat !== chat) return undefined;
    this.#session = { ...this.#session, names: { ...this.#session.names, [answer.room]: name } };
    this.open(answer.room);
    return undefined;
  }

  close(room: Room): void {
    const session = this.#session;
    if (!session) return;
    room.leave();
    this.marks.remove(room.name);
    const rooms = session.rooms.filter((other) => other !== room);
    const current = session.current === room ? rooms[0]! : session.current;
    this.#set({ ...session, rooms, current });
  }

  connectNow(): void {
    if (this.#session?.chat.state.kind === 'reconnecting') this.#session.chat.connect();
  }

  #begin({ name, token, rooms: saved, current, names = {} }: Saved): void {
    if (name === undefined && token === undefined) return;
    const who = token === undefined ? { name: name! } : { token };
    const chat = createChat(who);
    const open = [LOBBY, ...saved.filter((room) => room !== LOBBY)];
    const rooms = open.map((room) => chat.room(room));
    const first = rooms.find((room) => room.name === current) ?? rooms[0]!;
    chat.onChange(() => this.#openDirects(chat));
    this.#set({ chat, ...who, rooms, current: first, names });
    if (this.#target) this.open(this.#target.room);
  }

  #openDirects(chat: Chat): void {
    const session = this.#session;
    if (session?.chat !== chat) return;
    const open = session.rooms.filter(({ name }) => isDirect(name));
    const more = chat
      .rooms()
      .filter(({ room }) => isDirect(room) && !open.some(({ name }) => name === room))
      .slice(0, Math.max(0, MAX_DIRECTS - open.length))
      .map(({ room }) => chat.room(room));
    if (more.length > 0) this.#set({ ...session, rooms: [...session.rooms, ...more] });
  }

  #set(session: Session): void {
    this.#session = session;
    const { name, token, rooms, current, names } = session;
    this.#changed({
      ...(name !== undefined && { name }),
      ...(token !== undefined && { token }),
      rooms: rooms.map((room) => room.name).filter((r) => r !== LOBBY),
      current: current.name,
      names,
    });
  }

  #changed(saved: Saved): void {
    save(this.#memory, saved);
    this.#changes.tell();
  }
}
