import type { Here, Room, ShownMessage, WireError } from '../../../src/client';
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
  const known = namesIn(room);
  const names = ids.flatMap((id) => known.get(id) ?? []).slice(0, MOST_NAMES);
  return [names, ids.length - names.length];
}

type Names = ReadonlyMap<string, string>;
const namesOf = new WeakMap<readonly ShownMessage[], { here: Here; names: Names }>();

/** By id. Worked out once for all rows: timeline and who is here are the same objects until they change. */
function namesIn(room: Room): Names {
  const [timeline, here] = [room.timeline(), room.here()];
  const kept = namesOf.get(timeline);
  if (kept?.here === here) return kept.names;
  const seen = [...here.people, ...timeline.map(({ from }) => from)];
  const names = new Map(seen.map(({ id, name }) => [id, name]));
  namesOf.set(timeline, { here, names });
  return names;
}
