import { createChat, type Chat, type Room } from '../../src/client';
import { Changes } from '../../src/client/changes';
import { LOBBY } from '../../src/protocol/limits';
import { roomName, userName } from '../../src/protocol/names';
import { load, save, type Memory, type Saved } from './saved';

/** Somebody who has joined, with the rooms that he has open. */
export interface Session {
  readonly chat: Chat;
  readonly name: string;
  readonly rooms: readonly Room[];
  readonly current: Room;
}

/** The one state of the page. What happens inside rooms is their own; see `hooks.ts`. */
export class PageStore {
  readonly #changes = new Changes();
  readonly #memory: Memory;
  #session: Session | undefined;
  /** Texts that were begun, per room. */
  readonly drafts = new Map<string, string>();

  readonly onChange = this.#changes.on;

  constructor(memory: Memory) {
    this.#memory = memory;
    const { name, rooms, current } = load(memory);
    if (name !== undefined) this.#begin(name, rooms, current);
  }

  readonly session = (): Session | undefined => this.#session;

  /** Throws a ChatError (`invalid`) for a name that cannot be. */
  join(name: string): void {
    this.#begin(userName(name.trim()), load(this.#memory).rooms);
  }

  /** Forgets the name, so that the page asks for one; the rooms are kept. */
  signOut(): void {
    this.#session?.chat.close();
    this.#session = undefined;
    this.drafts.clear();
    this.#changed({ rooms: load(this.#memory).rooms });
  }

  /** Opens a room, or shows it when it is open. Throws a ChatError (`invalid`) for a name that cannot be. */
  open(name: string): void {
    const session = this.#session;
    if (!session) return;
    const current = session.chat.room(roomName(name));
    const rooms = session.rooms.includes(current) ? session.rooms : [...session.rooms, current];
    this.#set({ ...session, rooms, current });
  }

  close(room: Room): void {
    const session = this.#session;
    if (!session) return;
    room.leave();
    const rooms = session.rooms.filter((other) => other !== room);
    const current = session.current === room ? rooms[0]! : session.current;
    this.#set({ ...session, rooms, current });
  }

  connectNow(): void {
    if (this.#session?.chat.state.kind === 'reconnecting') this.#session.chat.connect();
  }

  #begin(name: string, saved: string[], current?: string): void {
    const chat = createChat({ name });
    const names = [LOBBY, ...saved.filter((room) => room !== LOBBY)];
    const rooms = names.map((room) => chat.room(room));
    this.#set({ chat, name, rooms, current: rooms.find((room) => room.name === current) ?? rooms[0]! });
  }

  #set(session: Session): void {
    this.#session = session;
    const { name, rooms, current } = session;
    this.#changed({
      name,
      rooms: rooms.map((room) => room.name).filter((r) => r !== LOBBY),
      current: current.name,
    });
  }

  #changed(saved: Saved): void {
    save(this.#memory, saved);
    this.#changes.tell();
  }
}
