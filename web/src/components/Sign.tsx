import { useWords } from '../chosen';
import { Avatar } from './Avatar';

interface Props {
  direct: boolean;
  label: string;
  userId?: string;
  /** The other person of a direct room is in it. */
  here?: boolean;
}

/** How a room or person is shown in a list: a room by `#`, somebody by his picture. */
export function Sign({ direct, label, userId, here = false }: Props) {
  const words = useWords();
  return (
    <>
      {direct ? (
        <span className={here ? 'picture here' : 'picture'}>
          <Avatar id={userId ?? `guest:${label}`} name={label} />
        </span>
      ) : (
        <span className="hash" aria-hidden="true">
          #
        </span>
      )}
      <span className="room-name">{label}</span>
      {here && <span className="hidden">{words.online}</span>}
    </>
  );
}
