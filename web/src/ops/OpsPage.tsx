import { useEffect, useState } from 'react';
import type { Live, Range } from '../../../src/protocol/ops';
import { Fleet } from './Fleet';
import { OpsHeader } from './OpsHeader';
import { Past } from './Past';
import { usePolled } from './polled';
import { takeToken } from './token';
import { Verdict } from './Verdict';
import { useOpsWords } from './words';

const LIVE_MS = 2_000;

export function OpsPage() {
  const words = useOpsWords();
  const token = useToken();
  const { value: live, problem } = usePolled<Live>('/ops/live', LIVE_MS, token);
  const [range, setRange] = useState<Range>('hour');
  return (
    <div className="ops">
      <OpsHeader />
      <main>
        {problem === 'silent' && (
          <p className="trouble" role="alert">
            {words.silent}
          </p>
        )}
        {problem === 'token' ? (
          <p className="trouble" role="alert">
            {words.noToken} <code>npx fleet ops</code>
          </p>
        ) : (
          <>
            {live ? <Fleet live={live} /> : <p>{words.loading}</p>}
            <Past {...{ range, setRange, token }} />
            <Verdict {...{ range, token }} />
          </>
        )}
      </main>
    </div>
  );
}

/** Another address, typed into the same tab, has another token. */
function useToken(): string | undefined {
  const [token, setToken] = useState(takeToken);
  useEffect(() => {
    const take = (): void => setToken(takeToken());
    addEventListener('hashchange', take);
    return () => removeEventListener('hashchange', take);
  }, []);
  return token;
}
