import { MAX_BEHIND } from '../../protocol/limits';
import type { JoinReason } from '../../protocol/events';
import type { Position } from '../../protocol/entries';
import type { LogState } from '../roomlog/types';

/** Whether a run can go on at `since`, and if not, why. */
export function continuation(
  since: Position | undefined,
  { epoch, first, head }: Pick<LogState, 'epoch' | 'first' | 'head'>,
): Exclude<JoinReason, 'degraded'> {
  if (!since) return 'fresh';
  if (since.epoch !== epoch) return 'epoch';
  if (since.seq > head) return 'far';
  if (since.seq < first - 1) return 'trimmed';
  return head - since.seq > MAX_BEHIND ? 'far' : 'none';
}
