/** The three keys of a room, in one slot of Redis Cluster: meta, log, ids. */
export function roomKeys(prefix: string, room: string): string[] {
  return ['meta', 'log', 'ids'].map((part) => `${prefix}{${room}}:${part}`);
}

/** The sharded channel on which a room's new entries are published. */
export function roomChannel(prefix: string, room: string): string {
  return `${prefix}{${room}}:feed`;
}
