import type { MessageBody, PageMessage, Ref, User } from '../protocol/entries';
import type { ShownMessage } from './api';
import { keyOf } from './committed';
import type { Timeline } from './timeline';
import type { Unsent, UnsentList } from './unsent';

const known = new WeakMap<PageMessage, ShownMessage>();

/** One list without doubles: the log's order, then what waits on servers, then what waits here. */
export function shown(timeline: Timeline, unsent: UnsentList, self: User): readonly ShownMessage[] {
  const queued = timeline.pending.map((message) => show(message, 'queued'));
  const keys = new Set(queued.map(({ key }) => key));
  const own = unsent.map((item) => showUnsent(item, self)).filter(({ key }) => !keys.has(key));
  return [...timeline.committed.map(showCommitted), ...queued, ...own];
}

/** As a person sees it. */
export function showCommitted(message: PageMessage): ShownMessage {
  const before = known.get(message);
  if (before) return before;
  const { seq, deleted, edited, reactions } = message;
  const now: ShownMessage = {
    ...show(message, 'committed'),
    seq,
    ...(deleted && { deleted }),
    ...(edited !== undefined && { edited }),
    ...(reactions && { reactions }),
  };
  known.set(message, now);
  return now;
}

function showUnsent(item: Unsent, from: User): ShownMessage {
  if (item.state === 'failed')
    return { ...show({ ...item, from }, 'failed'), ...(item.error && { error: item.error }) };
  return show({ ...item, from }, item.queued ? 'queued' : 'sending');
}

function show(
  message: Pick<MessageBody, 'id' | 'from' | 'at'> & { text?: string; replyTo?: Ref },
  state: ShownMessage['state'],
): ShownMessage {
  const { id, from, at, text = '', replyTo } = message;
  return { key: keyOf({ id, from }), id, from, at, text, ...(replyTo && { replyTo }), state };
}
