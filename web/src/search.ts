import { useCallback, useEffect, useRef, useState } from 'react';
import type { Room, ShownMessage } from '../../src/client';

/** A pause in typing after which one searches, ms. */
const PAUSE_MS = 250;

interface Search {
  /** Ascending; undefined until something was searched. */
  messages: readonly ShownMessage[] | undefined;
  complete: boolean;
  busy: boolean;
  failed: boolean;
}

const NOTHING: Search = { messages: undefined, complete: true, busy: false, failed: false };

/** What the room has of this query; `more` reads what is older. Only the last query counts. */
export function useSearch(room: Room, query: string) {
  const [state, setState] = useState(NOTHING);
  const asked = useRef(0);

  const ask = useCallback(
    async (before: readonly ShownMessage[]): Promise<void> => {
      const turn = ++asked.current;
      setState((known) => ({ ...known, busy: true, failed: false }));
      const answer = await room.search(query.trim(), before[0]?.seq);
      if (turn !== asked.current) return;
      if ('error' in answer) return setState((known) => ({ ...known, busy: false, failed: true }));
      const { messages, complete } = answer;
      setState({ messages: [...messages, ...before], complete, busy: false, failed: false });
    },
    [room, query],
  );

  useEffect(() => {
    asked.current++;
    if (query.trim() === '') return setState(NOTHING);
    const timer = setTimeout(() => void ask([]), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [query, ask]);
  return { ...state, more: () => void ask(state.messages ?? []) };
}
