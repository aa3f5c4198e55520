import type { PendingMessage } from '../protocol/entries';
import type { Entry, PageMessage, Ref } from '../protocol/entries';
import { outcomeOf, userOf, type Journal, type Send } from './journal';

/** What anybody is shown: live, or on a page. */
export type Shown = Entry | PageMessage;

/** The same, and what waits for its place in the log. */
export type Said = Shown | PendingMessage;

/** Names an entry over all epochs. Ids are printable ASCII, so the last line break splits it in one way. */
export const keyOf = (from: string, id: string): string => `${from}\n${id}`;
export const keyOfRef = ({ from, id }: Ref): string => keyOf(from, id);

/** What all clients together sent, and what they were told about it. */
export class Sent {
  readonly sends: { user: string; send: Send }[] = [];
  private readonly byKey = new Map<string, Send[]>();
  private readonly acknowledged = new Set<string>();
  /** Sends whose id the server chose and nobody learned, by author, room and text. */
  private readonly nameless = new Map<string, number>();
  private readonly verdicts = new Map<string, string | undefined>();
  /** The same, and keys, without building strings: crowds share equal entries, and there are millions of receipts. */
  private readonly faults = new Map<Said, string | undefined>();
  private readonly keys = new Map<Shown, string>();

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

  keyOf(shown: Shown): string {
    const known = this.keys.get(shown);
    if (known !== undefined) return known;
    const key = keyOf(shown.from.id, shown.id);
    this.keys.set(shown, key);
    return key;
  }

  /** What was sent with this id in this room. */
  find(key: string, room: string): Send | undefined {
    return this.byKey.get(key)?.find((send) => send.room === room);
  }

  /** Why nobody should ever be shown this; undefined: it was sent just so. Edited text is not looked at. */
  fault(entry: Said): string | undefined {
    if (!this.faults.has(entry)) this.faults.set(entry, this.verdict(entry));
    return this.faults.get(entry);
  }

  private verdict(entry: Said): string | undefined {
    const exactly = JSON.stringify([
      entry.from.id,
      entry.id,
      entry.room,
      contentOf(entry),
      hasItsText(entry),
    ]);
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
      const content = JSON.stringify([user, send.room, contentOf(send)]);
      this.nameless.set(content, (this.nameless.get(content) ?? 0) + 1);
    }
  }

  private judge(entry: Said): string | undefined {
    const { from, id, room } = entry;
    const sends = this.byKey.get(keyOf(from.id, id));
    if (!sends)
      return this.takeNameless(JSON.stringify([from.id, room, contentOf(entry)]))
        ? undefined
        : 'nobody sent it';
    const withText = hasItsText(entry);
    const content = contentOf(entry, withText);
    const same = sends.filter((send) => send.room === room && contentOf(send, withText) === content);
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

/** Neither an edit nor a delete has changed the text. */
const hasItsText = (entry: Said): boolean => !('deleted' in entry || 'edited' in entry);

interface AnyContent {
  kind: string;
  text?: string;
  target?: Ref;
  emoji?: string;
  on?: boolean;
  replyTo?: Ref;
}

/** Equal exactly if two say the same. */
function contentOf(said: AnyContent, withText = true): string {
  const { kind, text, target, emoji, on, replyTo } = said;
  const refs = [target?.from, target?.id, replyTo?.from, replyTo?.id];
  return JSON.stringify([kind, withText && text, emoji, on, ...refs]);
}
