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
              title={words.reactedBy(...whoOf(room, users))}
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

/** Names to show, at most; and how many others there are, of whom no name is known too. */
const MOST_NAMES = 20;

function whoOf(room: Room, ids: readonly string[]): [names: string[], others: number] {
  const seen = [...room.here().people, ...room.timeline().map(({ from }) => from)];
  const known = new Map(seen.map(({ id, name }) => [id, name]));
  const names = ids.flatMap((id) => known.get(id) ?? []).slice(0, MOST_NAMES);
  return [names, ids.length - names.length];
}
