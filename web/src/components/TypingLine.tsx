import type { Room } from '../../../src/client';
import { useTypists } from '../../../src/react';
import { useWords } from '../chosen';

/** Always as high as a line, so that nothing moves when it comes and goes. */
export function TypingLine({ room }: { room: Room }) {
  const words = useWords();
  const typists = useTypists(room);
  return (
    <p className="typing-line" role="status">
      {typists.length > 0 && words.typing(typists.map(({ name }) => name))}
    </p>
  );
}
