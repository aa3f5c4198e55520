import { ChatError } from '../../protocol/codes';
import type { PageMessage } from '../../protocol/entries';
import type { HistoryAnswer } from '../../protocol/events';
import { DEFAULT_PAGE, MAX_PAGE, MAX_PAGE_BYTES, MAX_SEQ } from '../../protocol/limits';
import type { Search } from '../../protocol/schemas';
import type { LogPage, RoomLog } from '../roomlog/types';

/** Messages that one call looks through before it answers with what it found, if that is anything. */
const ENOUGH = 2_000;

/**
 * The newest messages before a seq whose present text contains the query, in whatever case and spelling.
 * `complete`: none older matches. Before each page `mayReadPage` may end the search by throwing. Throws
 * `invalid` for a blank query, `unavailable`.
 */
export async function search(
  log: RoomLog,
  room: string,
  { query, before = MAX_SEQ, limit = DEFAULT_PAGE }: Omit<Search, 'room'>,
  mayReadPage: () => void,
): Promise<HistoryAnswer> {
  const wanted = fold(query.trim());
  if (wanted === '') throw new ChatError('invalid', 'query: is blank');
  const found: PageMessage[] = [];
  let page: LogPage | undefined;
  let seen = 0;
  let bound = before;
  do {
    mayReadPage();
    const next = await log.page(room, { before: bound }, MAX_PAGE, MAX_PAGE_BYTES);
    if (page && next.epoch !== page.epoch) throw new ChatError('unavailable', 'the log began anew');
    page = next;
    found.unshift(...page.messages.filter(({ text = '' }) => fold(text).includes(wanted)));
    bound = page.messages[0]?.seq ?? 0;
    seen += page.messages.length;
  } while (page.more && found.length < limit && (seen < ENOUGH || found.length === 0));
  const messages = found.slice(-limit);
  const complete = !page.more && messages.length === found.length;
  const { epoch, first, head } = page;
  return { room, epoch, first, head, messages, complete };
}

/** One spelling for all that a reader takes for the same. */
const fold = (text: string): string => text.normalize('NFC').toLowerCase();
