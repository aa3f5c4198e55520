import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Room, RoomState, ShownMessage, WireError } from '../../src/client';
import { useRoomState } from './hooks';
import { rowsOf } from './rows';

/** Within this distance of the end one is following it. */
const NEAR_PX = 80;
/** Older messages are read when their place comes this near. */
const READ_AHEAD_PX = 600;
/** Each row costs time with each message: so many are shown at the end, and so many more at a time further up. */
const ROWS_AT_END = 300;
const MORE_ROWS = 100;

/**
 * Follows the end while one is there or has just written, keeps still what one reads otherwise, also
 * when older messages appear above, and shows and reads those in time.
 */
export function useScroll(room: Room, messages: readonly ShownMessage[]) {
  const { failure, older, retry } = useOlder(room);
  const list = useRef<HTMLDivElement>(null);
  // The key of the first row while one reads further up: nothing may vanish above. None while one follows the end.
  const [anchor, setAnchor] = useState<string>();
  const following = anchor === undefined;
  const at = following ? messages.length - ROWS_AT_END : messages.findIndex(({ key }) => key === anchor);
  const from = Math.max(0, at);
  const rows = useMemo(() => rowsOf(messages, from), [messages, from]);
  const before = useRef({ first: '', height: 0, waiting: 0 });

  const readOlder = useCallback((): void => {
    const { scrollTop } = list.current!;
    if (scrollTop >= READ_AHEAD_PX) return;
    if (from > 0) setAnchor(messages[Math.max(0, from - MORE_ROWS)]!.key);
    else older();
  }, [older, messages, from]);

  const follow = useCallback((): void => {
    list.current!.scrollTop = list.current!.scrollHeight;
    setAnchor(undefined);
  }, []);

  const onScroll = useCallback((): void => {
    const { scrollHeight, scrollTop, clientHeight } = list.current!;
    setAnchor(scrollHeight - scrollTop - clientHeight < NEAR_PX ? undefined : (rows[0]?.message.key ?? ''));
    readOlder();
  }, [readOlder, rows]);

  useLayoutEffect(() => {
    const { first, height, waiting } = before.current;
    const now = {
      first: rows[0]?.message.key ?? '',
      height: list.current!.scrollHeight,
      waiting: waitingIn(messages),
    };
    before.current = now;
    if (following || now.waiting > waiting) follow();
    else if (first !== '' && now.first !== first) list.current!.scrollTop += now.height - height;
  }, [messages, rows, following, follow]);

  // A page that does not fill the view never scrolls, and so would never ask for more.
  useEffect(readOlder, [readOlder]);
  useEffect(() => keepEnd(list.current!, following), [following]);

  return { list, rows, complete: room.complete && from === 0, onScroll, following, follow, failure, retry };
}

/** Reads older pages. After a failure it waits until it is told to try again, or the room is joined anew. */
function useOlder(room: Room) {
  const [failure, setFailure] = useState<WireError>();
  const { kind }: RoomState = useRoomState(room);
  const retry = useCallback((): void => {
    setFailure(undefined);
    void room.older().then(setFailure);
  }, [room]);
  const older = useCallback((): void => {
    if (!room.complete && failure === undefined) void room.older().then(setFailure);
  }, [room, failure]);
  useEffect(() => setFailure(undefined), [kind]);
  return { failure, older, retry };
}

const waitingIn = (messages: readonly ShownMessage[]): number =>
  messages.filter(({ state }) => state === 'sending').length;

/** The end stays in view when the view shrinks, as it does above the keyboard of a phone. */
function keepEnd(list: HTMLElement, following: boolean): () => void {
  const observer = new ResizeObserver(() => {
    if (following) list.scrollTop = list.scrollHeight;
  });
  observer.observe(list);
  return () => observer.disconnect();
}
