import type { Position } from '../../protocol/entries';
import type { Connection } from './types';

/**
 * How far one connection has got in one room.
 * - paused: nothing is sent (a join is being answered, or the cursor is over)
 * - behind: fed on its own, from memory or the log, as fast as its connection takes it
 * - live: gets what the fan-out sends
 * - degraded: joined while the log was away; `since` is resolved when it is back
 */
export type CursorState = 'paused' | 'behind' | 'live' | 'degraded';

export class Cursor {
  state: CursorState = 'paused';
  /** The connection has every entry up to this one, as positions were in this era of the fan-out. */
  seq = 0;
  era = 0;
  since: Position | undefined = undefined;
  /** Pending messages were not shown to it, because its connection was full. */
  owedPending = false;
  /** Kept by the list of cursors: its place there, and the last walk that has seen it. */
  index = -1;
  walk = 0;

  constructor(readonly connection: Connection) {}
}
