import { textOf, type Entry, type PageMessage } from '../protocol/entries';
import { outcomeOf, userOf, type Journal, type Send } from './journal';

/** Names an entry over all epochs. Ids are printable ASCII, so the last line break splits it in one way. */
export const keyOf = (from: string, id: string): string => `${from}\n${id}`;

/** What all clients together sent, and what they were told about it. */
export class Sent {
  readonly sends: { user: string; send: Send }[] = [];
  private readonly byKey = new Map<string, Send[]>();
  private readonly acknowledged = new Set<string>();
  /** Sends whose id the server chose and nobody learned, by author, room and text. */
  private readonly nameless = new Map<string, number>();
  private readonly verdicts = new Map<string, string | undefined>();
  /** The same, without building a string: crowds share equal entries, and there are millions of receipts. */
  private readonly known = new Map<Entry | PageMessage, string | undefined>();

  constructor(journals: Journal[]) {
    for (const journal of journals) {
      const user = userOf(journal);
      if (user !== undefined) for (const send of journal.sends) this.add(user, send);
    }
  }

  /** Whether some acknowledgement named this position. */
  acknowledgedAt(room: string, epoch: string, seq: number): boolean {
    return this.acknowledged.has(`${room}\n${epoch}\n${seq}`);
  }

  /** Why nobody should ever be shown this entry; undefined: it was sent just so. */
  fault(entry: Entry | PageMessage): string | undefined {
    if (!this.known.has(entry)) this.known.set(entry, this.verdict(entry));
    return this.known.get(entry);
  }

  private verdict(entry: Entry | PageMessage): string | undefined {
    const exactly = JSON.stringify([entry.from.id, entry.id, entry.room, textOf(entry)]);
    if (!this.verdicts.has(exactly)) this.verdicts.set(exactly, this.judge(entry));
    return this.verdicts.get(exactly);
  }

  private add(user: string, send: Send): void {
    this.sends.push({ user, send });
    for (const { answer } of send.attempts) {
      if (answer?.ok && answer.status === 'committed')
        this.acknowledged.add(`${answer.room}\n${answer.epoch}\n${answer.seq}`);
    }
    if (send.id !== undefined) {
      const key = keyOf(user, send.id);
      this.byKey.set(key, [...(this.byKey.get(key) ?? []), send]);
    } else if (outcomeOf(send) === 'unknown') {
      const content = JSON.stringify([user, send.room, send.text]);
      this.nameless.set(content, (this.nameless.get(content) ?? 0) + 1);
    }
  }

  private judge(entry: Entry | PageMessage): string | undefined {
    const { from, id, room } = entry;
    const text = textOf(entry);
    const sends = this.byKey.get(keyOf(from.id, id));
    if (!sends)
      return this.takeNameless(JSON.stringify([from.id, room, text])) ? undefined : 'nobody sent it';
    const same = sends.filter((send) => send.room === room && send.text === text);
    if (same.length === 0) return 'it was sent with another content';
    return same.every((send) => outcomeOf(send) === 'refused')
      ? 'its sender was told it is refused'
      : undefined;
  }

  /** Each unknown outcome explains one entry. */
  private takeNameless(content: string): boolean {
    const left = this.nameless.get(content) ?? 0;
    this.nameless.set(content, left - 1);
    return left > 0;
  }
}
