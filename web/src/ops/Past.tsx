import type { History, Range } from '../../../src/protocol/ops';
import { ranges } from '../../../src/protocol/ops';
import { usePreferences } from '../chosen';
import { Choices, Radio } from '../components/Choices';
import { Charts } from './Charts';
import { Events } from './Events';
import { clockIn } from './figures';
import { usePolled } from './polled';
import { useOpsWords } from './words';

const AGAIN_MS = 10_000;

interface Props {
  range: Range;
  setRange: (range: Range) => void;
  token: string | undefined;
}

/** What was, over the time that was chosen. */
export function Past({ range, setRange, token }: Props) {
  const words = useOpsWords();
  const { language } = usePreferences();
  const path = `/ops/history?range=${range}`;
  const { value: history, problem } = usePolled<History>(path, AGAIN_MS, token);
  const clock = clockIn(language, history?.zone ?? 'UTC', range !== 'hour');
  return (
    <section aria-busy={!history}>
      <Choices title={words.range}>
        {ranges.map((one) => (
          <Radio key={one} name="range" checked={one === range} choose={() => setRange(one)}>
            {words.ranges[one]}
          </Radio>
        ))}
      </Choices>
      {problem === 'silent' && <p className="hint">{words.unread}</p>}
      {history ? (
        <>
          <Charts {...{ history, clock }} />
          <p className="hint">{words.zone(history.zone)}</p>
          {history.uncounted && <p className="hint">{words.noCounts}</p>}
          <Events {...{ history, clock }} />
        </>
      ) : (
        problem === undefined && <p>{words.loading}</p>
      )}
    </section>
  );
}
