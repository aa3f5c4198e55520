import type { Room, ShownMessage } from '../../../src/client';
import { useTimeline } from '../../../src/react';
import { useWords } from '../chosen';
import { CloseIcon } from './Icons';
import { Quote } from './Quote';

interface Props {
  room: Room;
  replyTo: ShownMessage;
  end: () => void;
}

/** What the next message answers, as it is now: it may have been edited or deleted since it was chosen. */
export function ReplyBar({ room, replyTo, end }: Props) {
  const words = useWords();
  const now = useTimeline(room).findLast(({ key }) => key === replyTo.key) ?? replyTo;
  return (
    <div className="reply-bar">
      <span className="hidden">{words.replyingTo(replyTo.from.name)}</span>
      <Quote message={now} />
      <button type="button" className="quiet" aria-label={words.cancel} onClick={end}>
        <CloseIcon />
      </button>
    </div>
  );
}
