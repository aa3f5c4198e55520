import { useEffect, useState } from 'react';

/** What the monitor said last, and why it said nothing since. */
export interface Polled<T> {
  value?: T;
  /** `token`: it wants another token. `silent`: it does not answer. */
  problem?: 'token' | 'silent' | undefined;
}

const ANSWER_WITHIN_MS = 15_000;

/** Asks again and again, while somebody looks. */
export function usePolled<T>(path: string, everyMs: number, token: string | undefined): Polled<T> {
  const [polled, setPolled] = useState<Polled<T> & { of?: string }>({});
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = new AbortController();
    const ask = async (): Promise<void> => {
      clearTimeout(timer);
      if (!document.hidden) {
        const answer = await read<T>(path, token ?? '', stop.signal);
        if (stop.signal.aborted) return;
        setPolled((before) => ({ ...(before.of === path ? before : {}), ...answer, of: path }));
      }
      timer = setTimeout(() => void ask(), everyMs);
    };
    const look = (): void => {
      if (!document.hidden) void ask();
    };
    document.addEventListener('visibilitychange', look);
    void ask();
    return () => {
      document.removeEventListener('visibilitychange', look);
      clearTimeout(timer);
      stop.abort();
    };
  }, [path, everyMs, token]);
  // What was said of another path is no answer.
  return polled.of === path ? polled : {};
}

async function read<T>(path: string, token: string, stop: AbortSignal): Promise<Polled<T>> {
  const signal = AbortSignal.any([stop, AbortSignal.timeout(ANSWER_WITHIN_MS)]);
  try {
    const response = await fetch(path, { headers: { authorization: `Bearer ${token}` }, signal });
    if (response.ok) return { value: (await response.json()) as T, problem: undefined };
    return { problem: response.status === 401 ? 'token' : 'silent' };
  } catch {
    return { problem: 'silent' };
  }
}
