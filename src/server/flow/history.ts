import { ChatError } from '../../protocol/codes';
import type { PageMessage } from '../../protocol/entries';
import type { HistoryAnswer } from '../../protocol/events';
import { DEFAULT_PAGE, MAX_SEQ } from '../../protocol/limits';
import type { History } from '../../protocol/schemas';
import type { RoomLog } from '../roomlog/types';

// A page of the longest messages would be megabytes; a shorter one is just not complete.
const MAX_PAGE_BYTES = 256 * 1024;

/** A page of a room's log. Bounds are exclusive; without any, the newest. Throws `invalid`, `epoch_changed`, `unavailable`. */
export async function history(
  log: RoomLog,
  room: string,
  request: Omit<History, 'room'>,
): Promise<HistoryAnswer> {
  const { epoch: asked, before, after, limit = DEFAULT_PAGE } = request;
  if (before !== undefined && after !== undefined)
    throw new ChatError('invalid', 'before or after, not both');
  const { epoch, first, head, entries } =
    after === undefined
      ? await log.readBefore(room, before ?? MAX_SEQ, limit, MAX_PAGE_BYTES)
      : await log.readAfter(room, after, limit, MAX_PAGE_BYTES);
  if (asked !== undefined && asked !== epoch) throw new ChatError('epoch_changed');
  const edge = after === undefined ? entries[0] : entries[entries.length - 1];
  const complete = !edge || (after === undefined ? edge.seq <= first : edge.seq >= head);
  return { room, epoch, first, head, messages: entries as PageMessage[], complete };
}
