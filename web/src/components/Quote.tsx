import type { ShownMessage } from '../../../src/client';
import { useWords } from '../chosen';

interface Props {
  message: ShownMessage | undefined;
  /** Leads to it. */
  go?: () => void;
}

/** The message that another one answers, in one line; undefined if it lies further back than is held. */
export function Quote({ message, go }: Props) {
  const words = useWords();
  const text = message ? (
    <>
      <strong>{message.from.name}</strong> {message.deleted ? words.removed : message.text}
    </>
  ) : (
    words.earlier
  );
  if (!go) return <span className="quote">{text}</span>;
  return (
    <button type="button" className="quote" tabIndex={-1} onClick={go}>
      {text}
    </button>
  );
}
