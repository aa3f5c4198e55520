import type { Room, ShownMessage, WireError } from '../../../src/client';
import { useWords } from '../chosen';

interface Props {
  message: ShownMessage;
  selfId: string;
  room: Room;
  failed: (error: WireError | undefined) => void;
}

/** The reactions that a message has, each a toggle for one's own. */
export function Reactions({ message: { from, id, reactions }, selfId, room, failed }: Props) {
  const words = useWords();
  if (!reactions) return null;
  return (
    <ul className="reactions">
      {Object.entries(reactions).map(([emoji, users]) => {
        const mine = users.includes(selfId);
        return (
          <li key={emoji}>
            <button
              type="button"
              aria-pressed={mine}
              aria-label={words.reactions(emoji, users.length)}
              onClick={() => void room.react({ from: from.id, id }, emoji, !mine).then(failed)}
            >
              <span>{emoji}</span> {users.length}
            </button>
          </li>
        );
      })}
    </ul>
  );
}
