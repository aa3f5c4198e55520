import type { Entry, PageMessage } from '../../protocol/entries';
import { JOIN_PAGE } from '../../protocol/limits';
import { isChange, messageOf, present, type Change } from '../../protocol/present';
import type { LogPage } from '../roomlog/types';

const MOST = 2 * JOIN_PAGE;

/** The newest messages of a room as they are now: what a join is shown. */
export class Newest {
  private messages: PageMessage[] = [];
  /** Entries up to this one are in effect. */
  private upTo = 0;
  private olderExist = false;

  reset({ messages, head, more }: LogPage): void {
    this.messages = messages;
    this.upTo = head;
    this.olderExist = more;
  }

  /** Entries in the order of the log; those that are in effect already change nothing. */
  take(entries: Entry[]): void {
    for (const entry of entries) {
      if (entry.seq <= this.upTo) continue;
      this.upTo = entry.seq;
      const message = messageOf(entry);
      if (message) this.messages.push(message);
      else if (isChange(entry)) this.change(entry);
    }
    if (this.messages.length > MOST) {
      this.messages = this.messages.slice(-JOIN_PAGE);
      this.olderExist = true;
    }
  }

  /** A page of what the log keeps from `first` on, ascending; `complete`: nothing older is kept. */
  page(first: number): { messages: PageMessage[]; complete: boolean } {
    const kept = this.messages.filter(({ seq }) => seq >= first);
    const messages = kept.slice(-JOIN_PAGE);
    const isCut = messages.length < kept.length || this.olderExist;
    return { messages, complete: !isCut || (messages[0]?.seq ?? first) <= first };
  }

  private change(entry: Change): void {
    const { target } = entry;
    const at = this.messages.findLastIndex(({ from, id }) => from.id === target.from && id === target.id);
    if (at !== -1) this.messages[at] = present(this.messages[at]!, entry);
  }
}
