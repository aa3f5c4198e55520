import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Chat, Room, ShownMessage } from '../../src/client';
import { useUnread } from '../../src/react';
import { isLooking } from './attention';
import { useHasCome, useLooking } from './hooks';
import { readBack } from './reading-back';
import type { useScroll } from './scroll';
import { lowestSeen } from './view';
import { firstUnread } from './window';

/** Further back than this one is asked before so much is read. */
const FAR = 500;
/** Nobody waits longer than this to see a room, ms; while the store is away nothing is known of what was read. */
const PATIENCE_MS = 800;

type Scroll = Pick<ReturnType<typeof useScroll>, 'list' | 'following' | 'show'>;

/**
 * Opens the room at the first message that is not read, keeps the line above it, and marks what was really
 * seen. `settled`: the room is where it opens.
 */
export function useReading(chat: Chat, room: Room, messages: readonly ShownMessage[], scroll: Scroll) {
  const unread = useUnread(chat, room);
  const looking = useLooking();
  const [divider, setDivider] = useState<string>();
  const { settled, far, toFirst } = useOpening(room, messages, unread, scroll, setDivider);
  const { following } = scroll;
  const before = useRef(0);

  useLayoutEffect(() => {
    const was = before.current;
    before.current = unread;
    // What comes while one is elsewhere, or further up, begins after a line.
    if (settled && was === 0 && unread > 0 && !(looking && following))
      setDivider(firstUnread(messages, unread)?.key);
  }, [settled, unread, looking, following, messages]);

  const see = useSeeing(room, scroll, settled);
  useEffect(see, [see, messages, looking, following, unread]);
  return { unread, divider, settled, far, toFirst, see, clear: useCallback(() => setDivider(undefined), []) };
}

/** Marks the lowest row in view as read, if somebody looks. */
function useSeeing(room: Room, { list, following }: Scroll, settled: boolean): () => void {
  return useCallback(() => {
    if (!settled || !isLooking() || !list.current!.checkVisibility()) return;
    // At the end nothing needs to be measured, and measuring costs a layout.
    const seq = following
      ? room.timeline().findLast((message) => message.seq !== undefined)?.seq
      : lowestSeen(list.current!);
    if (seq !== undefined) room.markRead(seq);
  }, [room, list, following, settled]);
}

function useOpening(
  room: Room,
  messages: readonly ShownMessage[],
  unread: number,
  { show }: Scroll,
  setDivider: (key: string | undefined) => void,
) {
  const [settled, setSettled] = useState(false);
  const [far, setFar] = useState(false);
  const [openedAt] = useState(Date.now);
  const tooLate = useHasCome(openedAt + PATIENCE_MS);
  const known = room.read !== undefined && (room.state.kind === 'joined' || messages.length > 0);

  const toFirst = useCallback(async (): Promise<void> => {
    setFar(false);
    await readBack(room, () => committed(room.timeline()) >= room.unread);
    const first = firstUnread(room.timeline(), room.unread);
    if (!first) return;
    setDivider(first.key);
    show(first.key, 'start');
  }, [room, show, setDivider]);

  useLayoutEffect(() => {
    if (settled || !(known || tooLate)) return;
    // Whoever is new here begins with what is said now.
    const isFar = unread > FAR || (room.read === 0 && unread > committed(messages));
    if (known && isFar) setFar(true);
    if (!known || unread === 0 || isFar) setSettled(true);
    else void toFirst().finally(() => setSettled(true));
  }, [room, messages, settled, known, tooLate, unread, toFirst]);
  return { settled, far: far && unread > 0, toFirst };
}

function committed(messages: readonly ShownMessage[]): number {
  return messages.findLastIndex(({ seq }) => seq !== undefined) + 1;
}
