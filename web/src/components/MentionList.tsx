import { useWords } from '../chosen';
import { Sign } from './Sign';

interface Props {
  id: string;
  open: boolean;
  found: readonly string[];
  at: number;
  choose: (name: string) => void;
}

/** Who may be meant by what stands after the `@`. The field keeps the focus. */
export function MentionList({ id, open, found, at, choose }: Props) {
  const words = useWords();
  if (!open) return null;
  return (
    <ul className="options mentions" id={id} role="listbox" aria-label={words.mentions}>
      {found.map((name, i) => (
        <li
          key={name}
          id={`${id}-${i}`}
          role="option"
          aria-selected={i === at}
          onMouseDown={(event) => {
            event.preventDefault();
            choose(name);
          }}
        >
          <Sign direct label={name} />
        </li>
      ))}
    </ul>
  );
}
