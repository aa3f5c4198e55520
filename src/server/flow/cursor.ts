import type { Position } from '../../protocol/entries';
import type { Connection } from './types';

/**
 * How far one connection has got in one room.
 * - paused: nothing is sent (a join is being answered, or the cursor is over)
 * - behind: fed on its own, from memory or the log
 * - level: has all that the live ones have, or more; goes live at the next flush
 * - live: gets what the fan-out sends
 * - degraded: joined while the log was away; `since` is resolved when it is back
 */
export type CursorState = 'paused' | 'behind' | 'level' | 'live' | 'degraded';

export class Cursor {
  state: CursorState = 'paused';
  /** The connection has every entry up to this one. */
  seq = 0;
  since: Position | undefined;

  constructor(readonly connection: Connection) {}
}
