import type { EntryBody } from '../../protocol/entries';
import type { AppendResult, RoomLog } from '../roomlog/types';
import { Congestion } from './congestion';
import type { Recent } from './recent';

/** Entries in one call. More bring nothing, and hold up Redis, and what waits, for longer (docs/decisions/0015). */
export const MAX_BATCH = 64;

/** Appends entries to a room's log in this order. Rejects with `unavailable`: then they may be there or not. */
export type Commit = (room: string, bodies: EntryBody[]) => Promise<AppendResult[]>;

export interface Committer extends Commit {
  /** How long so many entries will take, ms; 0 while no call has to wait for others. */
  expectedMs(entries: number): number;
}

/** The one way into the log. `appended` is told the furthest place after entries were added to a room, and must not throw. */
export function committer(
  log: Pick<RoomLog, 'append'>,
  recent: Pick<Recent, 'take'>,
  appended: (room: string, seq: number) => void,
): Committer {
  const congestion = new Congestion();
  const commit = async (room: string, bodies: EntryBody[]): Promise<AppendResult[]> => {
    const results = await congestion.run(bodies.length, () => log.append(room, bodies));
    const added = results.flatMap(({ status, epoch, seq }, i) =>
      status === 'new' ? [{ room, epoch, seq, n: 0, ...bodies[i]! }] : [],
    );
    // Not since they were accepted: they may have waited long in an outbox.
    recent.take(added, Date.now());
    const last = added.at(-1);
    if (last) appended(room, last.seq);
    return results;
  };
  return Object.assign(commit, { expectedMs: (entries: number) => congestion.expectedMs(entries) });
}
