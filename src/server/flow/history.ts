import { ChatError } from '../../protocol/codes';
import type { HistoryAnswer } from '../../protocol/events';
import { DEFAULT_PAGE, MAX_PAGE_BYTES, MAX_SEQ } from '../../protocol/limits';
import type { History } from '../../protocol/schemas';
import type { RoomLog } from '../roomlog/types';

/** A page of a room's log. Bounds are exclusive; without any, the newest. Throws `invalid`, `epoch_changed`, `unavailable`. */
export async function history(
  log: RoomLog,
  room: string,
  request: Omit<History, 'room'>,
): Promise<HistoryAnswer> {
  const { epoch: asked, before, after, limit = DEFAULT_PAGE } = request;
  if (before !== undefined && after !== undefined)
    throw new ChatError('invalid', 'before or after, not both');
  const bound = after === undefined ? { before: before ?? MAX_SEQ } : { after };
  const { epoch, first, head, messages, more } = await log.page(room, bound, limit, MAX_PAGE_BYTES);
  if (asked !== undefined && asked !== epoch) throw new ChatError('epoch_changed');
  return { room, epoch, first, head, messages, complete: !more };
}
