export type RoomKeys = [meta: string, log: string, ids: string, state: string, messages: string];

/** The keys of a room, in one slot of Redis Cluster; log.lua says what each holds. */
export function roomKeys(prefix: string, room: string): RoomKeys {
  const key = (part: string): string => `${prefix}{${room}}:${part}`;
  return [key('meta'), key('log'), key('ids'), key('state'), key('messages')];
}

/** The sharded channel on which a room's new entries are published. */
export function roomChannel(prefix: string, room: string): string {
  return `${prefix}{${room}}:feed`;
}
