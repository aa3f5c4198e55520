import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';
import type { Chat, Room, ShownMessage } from '../../src/client';
import { useUnread } from '../../src/react';
import { isLooking } from './attention';
import { useHasCome, useLooking } from './hooks';
import { markAt, type Marks } from './marks';
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
export function useReading(
  chat: Chat,
  room: Room,
  messages: readonly ShownMessage[],
  scroll: Scroll,
  marks: Marks,
) {
  const unread = useUnread(chat, room);
  const looking = useLooking();
  const [divider, setDivider] = useState<string>();
  const { settled, far, toFirst } = useOpening(room, messages, unread, scroll, marks, setDivider);
  const { following } = scroll;
  const before = useRef(0);
  /** What was marked on this visit waits for another one. */
  const isKept = useRef(false);

  useLayoutEffect(() => {
    const was = before.current;
    before.current = unread;
    // What comes while one is elsewhere, or further up, begins after a line.
    if (settled && !isKept.current && was === 0 && unread > 0 && !(looking && following))
      setDivider(firstUnread(messages, unread)?.key);
  }, [settled, unread, looking, following, messages]);

  const see = useSeeing(room, scroll, settled, marks, isKept);
  useEffect(see, [see, messages, looking, following, unread]);

  const markUnread = useCallback(
    (message: ShownMessage): void => {
      const mark = markAt(room, message);
      if (!mark) return;
      isKept.current = true;
      setDivider(message.key);
      marks.set(room.name, mark);
    },
    [room, marks],
  );
  const clear = useCallback((): void => {
    isKept.current = false;
    setDivider(undefined);
    see();
  }, [see]);
  return { unread, divider, settled, far, toFirst, see, clear, markUnread };
}

/** Marks the lowest row in view as read, if somebody looks; who came back to what he had marked has seen it. */
function useSeeing(
  room: Room,
  { list, following }: Scroll,
  settled: boolean,
  marks: Marks,
  isKept: RefObject<boolean>,
): () => void {
  return useCallback(() => {
    if (isKept.current || !settled || !isLooking() || !list.current!.checkVisibility()) return;
    marks.remove(room.name);
    // At the end nothing needs to be measured, and measuring costs a layout.
    const seq = following
      ? room.timeline().findLast((message) => message.seq !== undefined)?.seq
      : lowestSeen(list.current!);
    if (seq !== undefined) room.markRead(seq);
  }, [room, list, following, settled, marks, isKept]);
}

function useOpening(
  room: Room,
  messages: readonly ShownMessage[],
  unread: number,
  { show }: Scroll,
  marks: Marks,
  setDivider: (key: string | undefined) => void,
) {
  const [settled, setSettled] = useState(false);
  const [far, setFar] = useState(false);
  const [openedAt] = useState(Date.now);
  const tooLate = useHasCome(openedAt + PATIENCE_MS);
  const known = room.read !== undefined && (room.state.kind === 'joined' || messages.length > 0);

  const toFirst = useCallback(async (): Promise<void> => {
    setFar(false);
    const mark = marks.of(room);
    const isHeld = (): boolean =>
      mark ? firstSeq(room) <= mark.seq : committed(room.timeline()) >= room.unread;
    await readBack(room, isHeld);
    const first = mark
      ? room.timeline().find(({ seq = 0 }) => seq >= mark.seq)
      : firstUnread(room.timeline(), room.unread);
    if (!first) return;
    setDivider(first.key);
    show(first.key, 'start');
  }, [room, show, marks, setDivider]);

  useLayoutEffect(() => {
    if (settled || !(known || tooLate)) return;
    // Whoever is new here begins with what is said now.
    const isMarked = marks.of(room) !== undefined;
    const isFar = !isMarked && (unread > FAR || (room.read === 0 && unread > committed(messages)));
    if (known && isFar) setFar(true);
    if (!known || (unread === 0 && !isMarked) || isFar) setSettled(true);
    else void toFirst().finally(() => setSettled(true));
  }, [room, messages, settled, known, tooLate, unread, toFirst, marks]);
  return { settled, far: far && unread > 0, toFirst };
}

function committed(messages: readonly ShownMessage[]): number {
  return messages.findLastIndex(({ seq }) => seq !== undefined) + 1;
}

const firstSeq = (room: Room): number =>
  room.timeline().find(({ seq }) => seq !== undefined)?.seq ?? Infinity;
