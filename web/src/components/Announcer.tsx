import type { Chat, Room } from '../../../src/client';
import { useTimeline } from '../hooks';
import { words } from '../words';

/**
 * Says the newest message of others to screen readers. The timeline itself is no live region:
 * pages of history and every change of a pending row would be read out too.
 */
export function Announcer({ chat, room }: { chat: Chat; room: Room }) {
  const newest = useTimeline(room).findLast(({ from, deleted }) => from.id !== chat.user?.id && !deleted);
  return (
    <p className="hidden" aria-live="polite">
      {newest && words.said(newest.from.name, newest.text)}
    </p>
  );
}
