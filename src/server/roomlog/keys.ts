/** The keys of a room, in one slot of Redis Cluster; log.lua says what each holds. */
export function roomKeys(prefix: string, room: string): string[] {
  return ['meta', 'log', 'ids', 'state', 'messages'].map((part) => `${prefix}{${room}}:${part}`);
}

/** The sharded channel on which a room's new entries are published. */
export function roomChannel(prefix: string, room: string): string {
  return `${prefix}{${room}}:feed`;
}
