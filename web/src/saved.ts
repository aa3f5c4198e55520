import { roomName } from '../../src/protocol/names';

/** What the page remembers over a reload, in this browser only. */
export interface Saved {
  name?: string;
  /** Instead of a name: who signed in. */
  token?: string;
  rooms: string[];
  current?: string;
  /** Who is behind a direct room, by its name. */
  names?: Record<string, string>;
}

/** The part of a browser's `Storage` that this needs. */
export interface Memory {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const KEY = 'chatfleet';

/** Anything that is not what `save` wrote counts as nothing. Storage may be forbidden, so it may throw. */
export function load(memory: Memory): Saved {
  try {
    const { name, token, rooms, current, names } = JSON.parse(memory.getItem(KEY) ?? '{}') as Record<
      string,
      unknown
    >;
    return {
      ...(typeof name === 'string' && { name }),
      ...(typeof token === 'string' && { token }),
      rooms: Array.isArray(rooms) ? rooms.filter(isRoom) : [],
      ...(typeof current === 'string' && { current }),
      ...(areNames(names) && { names }),
    };
  } catch {
    return { rooms: [] };
  }
}

function areNames(names: unknown): names is Record<string, string> {
  if (typeof names !== 'object' || names === null || Array.isArray(names)) return false;
  return Object.values(names).every((name) => typeof name === 'string');
}

function isRoom(room: unknown): room is string {
  try {
    return typeof room === 'string' && roomName(room) !== '';
  } catch {
    return false; // one name that is none must not cost the page
  }
}

export function save(memory: Memory, saved: Saved): void {
  try {
    memory.setItem(KEY, JSON.stringify(saved));
  } catch {
    // A full or forbidden storage costs the memory of the rooms, not the chat.
  }
}
