import type { Chat, Room } from '../../../src/client';
import { useTimeline } from '../../../src/react';
import { useWords } from '../chosen';

/**
 * Says the newest message of others to screen readers. The timeline itself is no live region:
 * pages of history and every change of a pending row would be read out too. Nothing is said of a deleted
 * one, and the same text once more is said once more.
 */
export function Announcer({ chat, room }: { chat: Chat; room: Room }) {
  const words = useWords();
  const newest = useTimeline(room).findLast(
    ({ from, seq }) => from.id !== chat.user?.id && seq !== undefined,
  );
  return (
    <p className="hidden" aria-live="polite">
      {newest && !newest.deleted && <span key={newest.key}>{words.said(newest.from.name, newest.text)}</span>}
    </p>
  );
}
