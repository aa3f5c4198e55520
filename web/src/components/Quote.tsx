import type { ShownMessage } from '../../../src/client';
import { words } from '../words';

/** The message that another one answers, in one line; undefined if it lies further back than is held. */
export function Quote({ message }: { message: ShownMessage | undefined }) {
  if (!message) return <span className="quote">{words.earlier}</span>;
  return (
    <span className="quote">
      <strong>{message.from.name}</strong> {message.deleted ? words.removed : message.text}
    </span>
  );
}
