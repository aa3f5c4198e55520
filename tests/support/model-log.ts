import type { MessageBody } from '../../src/protocol/entries';
import type { Retention } from '../../src/server/roomlog/redis';

export interface Kept {
  seq: number;
  n: number;
  body: MessageBody;
}

export interface Place {
  status: 'new' | 'repeat' | 'conflict';
  epoch: string;
  seq: number;
  at: number;
}

/** What the log of one room is, in plain words: the append script has to do the same. */
export class ModelLog {
  head = 0;
  n = 0;
  kept: Kept[] = [];

  constructor(
    readonly epoch: string,
    private readonly retention: Retention,
  ) {}

  get first(): number {
    return this.kept[0]?.seq ?? this.head + 1;
  }

  /** The places of a batch, and the entries that are new by it. */
  append(batch: MessageBody[], now: number): { places: Place[]; added: Kept[] } {
    const added: Kept[] = [];
    const places = batch.map((body): Place => {
      const known = this.kept.find((each) => keyOf(each.body) === keyOf(body));
      if (known) {
        const status = contentOf(known.body) === contentOf(body) ? 'repeat' : 'conflict';
        return { status, epoch: this.epoch, seq: known.seq, at: known.body.at };
      }
      const entry = { seq: ++this.head, n: ++this.n, body };
      this.kept.push(entry);
      added.push(entry);
      return { status: 'new', epoch: this.epoch, seq: entry.seq, at: body.at };
    });
    if (added.length > 0) this.trim(now, 2 * added.length + 16);
    return { places, added };
  }

  /** Oldest first, so many at most; never one that is younger than the id window. */
  private trim(now: number, atMost: number): void {
    const { keepEntries, keepMs, idWindowMs } = this.retention;
    for (let i = 0; i < atMost; i++) {
      const oldest = this.kept[0];
      if (!oldest) return;
      const age = now - oldest.body.at;
      const over = this.kept.length > keepEntries || age > keepMs;
      if (!over || age < idWindowMs) return;
      this.kept.shift();
    }
  }
}

const keyOf = ({ from, id }: MessageBody): string => JSON.stringify([from.id, id]);
/** Neither the time nor the shown name of the sender is content. */
const contentOf = ({ kind, text, replyTo }: MessageBody): string =>
  JSON.stringify([kind, text, replyTo?.from, replyTo?.id]);
