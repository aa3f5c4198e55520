import { roomName } from '../../src/protocol/names';

/** What the page remembers over a reload, in this browser only. */
export interface Saved {
  name?: string;
  rooms: string[];
  current?: string;
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
    const { name, rooms, current } = JSON.parse(memory.getItem(KEY) ?? '{}') as Record<string, unknown>;
    return {
      ...(typeof name === 'string' && { name }),
      rooms: Array.isArray(rooms) ? rooms.filter(isRoom) : [],
      ...(typeof current === 'string' && { current }),
    };
  } catch {
    return { rooms: [] };
  }
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
