import { useCallback, useEffect, useState } from 'react';
import type { Room, ShownMessage } from '../../src/client';
import { readBack } from './reading-back';

/** For so long a message that one was led to stands out, ms. */
const MARKED_MS = 2_500;

/** Leads to a message, however far back it lies; `missing`: it is not there any more. */
export function useGoing(room: Room, show: (key: string) => void) {
  const [marked, setMarked] = useState<string>();
  const [missing, setMissing] = useState(false);

  const goTo = useCallback(
    async (
      meant: (message: ShownMessage) => boolean,
      passed: (oldest: ShownMessage) => boolean = () => false,
    ): Promise<void> => {
      const there = (): boolean => {
        const all = room.timeline();
        return all.some(meant) || (all[0] !== undefined && passed(all[0]));
      };
      await readBack(room, there);
      const found = room.timeline().find(meant);
      setMissing(!found);
      if (!found) return;
      setMarked(found.key);
      show(found.key);
    },
    [room, show],
  );
  const goToSeq = useCallback(
    (seq: number) =>
      goTo(
        (message) => message.seq === seq,
        (oldest) => (oldest.seq ?? 0) < seq,
      ),
    [goTo],
  );
  const goToKey = useCallback((key: string) => goTo((message) => message.key === key), [goTo]);

  useEffect(() => {
    if (marked === undefined && !missing) return undefined;
    const timer = setTimeout(() => (setMarked(undefined), setMissing(false)), MARKED_MS);
    return () => clearTimeout(timer);
  }, [marked, missing]);
  return { marked, missing, goToSeq, goToKey };
}
