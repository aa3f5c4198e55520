import type { EntryBody } from '../../protocol/entries';
import type { AppendResult, RoomLog } from '../roomlog/types';

const MAX_BATCH = 128;

interface Waiting {
  body: EntryBody;
  resolve: (result: AppendResult) => void;
  reject: (error: unknown) => void;
}

/**
 * Step 3 of a message's way. All entries for a room that arrive in one turn of the event loop go to
 * the log in one call, and there is one call per room in flight: the log's order is the order of arrival.
 */
export class Appender {
  private readonly queues = new Map<string, Waiting[]>();

  constructor(
    private readonly log: RoomLog,
    /** Is told the furthest place after entries were added to a room. Must not throw. */
    private readonly appended: (room: string, seq: number) => void = () => undefined,
  ) {}

  /** Resolves when the entry is in the log. Rejects with `unavailable`: then it may be there or not. */
  append(room: string, body: EntryBody): Promise<AppendResult> {
    return new Promise((resolve, reject) => {
      const waiting = { body, resolve, reject };
      const queue = this.queues.get(room);
      if (queue) {
        queue.push(waiting);
        return;
      }
      this.queues.set(room, [waiting]);
      setImmediate(() => void this.flush(room));
    });
  }

  private async flush(room: string): Promise<void> {
    const queue = this.queues.get(room) ?? [];
    while (queue.length > 0) {
      const batch = queue.splice(0, MAX_BATCH);
      try {
        const results = await this.log.append(
          room,
          batch.map(({ body }) => body),
        );
        batch.forEach(({ resolve }, i) => resolve(results[i]!));
        const added = results.filter(({ status }) => status === 'new');
        if (added.length > 0) this.appended(room, added.at(-1)!.seq);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.queues.delete(room);
  }
}
