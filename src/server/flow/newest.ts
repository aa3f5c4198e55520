import type { Entry, PageMessage } from '../../protocol/entries';
import { JOIN_PAGE, MAX_JOIN_BYTES } from '../../protocol/limits';
import { isChange, messageOf, present, type Change } from '../../protocol/present';
import type { LogPage } from '../roomlog/types';

const MOST = 2 * JOIN_PAGE;

interface Page {
  messages: PageMessage[];
  complete: boolean;
}

/** The newest messages of a room as they are now: what a join is shown. */
export class Newest {
  private messages: PageMessage[] = [];
  /** Entries up to this one are in effect. */
  private upTo = 0;
  private olderExist = false;
  private known: { first: number; page: Page } | undefined;

  reset({ messages, head, more }: LogPage): void {
    this.messages = messages;
    this.upTo = head;
    this.olderExist = more;
    this.known = undefined;
  }

  /** Entries in the order of the log; those that are in effect already change nothing. */
  take(entries: Entry[]): void {
    this.known = undefined;
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
  page(first: number): Page {
    // Joins come in storms, and mostly between two changes.
    if (this.known?.first !== first) this.known = { first, page: this.makePage(first) };
    return this.known.page;
  }

  private makePage(first: number): Page {
    const kept = this.messages.filter(({ seq }) => seq >= first);
    const messages = withinBytes(kept.slice(-JOIN_PAGE));
    const isCut = messages.length < kept.length || this.olderExist;
    return { messages, complete: !isCut || (messages[0]?.seq ?? first) <= first };
  }

  private change(entry: Change): void {
    const { target } = entry;
    const at = this.messages.findLastIndex(({ from, id }) => from.id === target.from && id === target.id);
    if (at !== -1) this.messages[at] = present(this.messages[at]!, entry);
  }
}

/** The last of these messages that fit into the page of a join, but at least one. */
function withinBytes(messages: PageMessage[]): PageMessage[] {
  let left = MAX_JOIN_BYTES;
  let from = messages.length;
  while (from > 0 && (left -= sizeOf(messages[from - 1]!)) >= 0) from--;
  return messages.slice(Math.min(from, messages.length - 1));
}

/** About as many bytes as it has as JSON, where it can be large. */
function sizeOf({ text = '', reactions = {} }: PageMessage): number {
  const ids = Object.values(reactions).flat();
  return Buffer.byteLength(text) + ids.reduce((sum, id) => sum + id.length + 3, 0);
}
