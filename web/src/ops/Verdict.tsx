import type { Range, Verdict as Said } from '../../../src/protocol/ops';
import { usePreferences } from '../chosen';
import { usePolled } from './polled';
import { useOpsWords } from './words';

const AGAIN_MS = 30_000;

/** What `fleet report` says of the day or the week. */
export function Verdict({ range, token }: { range: Range; token: string | undefined }) {
  const words = useOpsWords();
  const { language } = usePreferences();
  const path = `/ops/verdict?range=${range === 'week' ? 'week' : 'day'}&lang=${language}`;
  const { value: said, problem } = usePolled<Said>(path, AGAIN_MS, token);
  return (
    <section aria-labelledby="verdict" aria-busy={!said} className="verdict">
      <h2 id="verdict">{words.verdict}</h2>
      {problem === 'silent' && <p className="hint">{words.unread}</p>}
      {!said && problem === undefined && <p>{words.loading}</p>}
      {said && <p className="hint">{said.span}</p>}
      {said?.lines.map((line) => (
        <p key={line}>{line}</p>
      ))}
    </section>
  );
}
