import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Room, RoomState, ShownMessage, WireError } from '../../src/client';
import { useRoomState } from './hooks';

/** Within this distance of the end one is following it. */
const NEAR_PX = 80;
/** Older messages are read when their place comes this near. */
const READ_AHEAD_PX = 600;

/**
 * Follows the end while one is there or has just written, keeps still what one reads otherwise, also
 * when older messages appear above, and reads those in time.
 */
export function useScroll(room: Room, messages: readonly ShownMessage[]) {
  const { failure, older, retry } = useOlder(room);
  const list = useRef<HTMLDivElement>(null);
  const [following, setFollowing] = useState(true);
  const before = useRef({ first: '', height: 0, waiting: 0 });

  const readOlder = useCallback((): void => {
    const { scrollTop } = list.current!;
    if (scrollTop < READ_AHEAD_PX) older();
  }, [older]);

  const follow = useCallback((): void => {
    list.current!.scrollTop = list.current!.scrollHeight;
    setFollowing(true);
  }, []);

  const onScroll = useCallback((): void => {
    const { scrollHeight, scrollTop, clientHeight } = list.current!;
    setFollowing(scrollHeight - scrollTop - clientHeight < NEAR_PX);
    readOlder();
  }, [readOlder]);

  useLayoutEffect(() => {
    const { first, height, waiting } = before.current;
    const now = {
      first: messages[0]?.key ?? '',
      height: list.current!.scrollHeight,
      waiting: waitingIn(messages),
    };
    before.current = now;
    if (following || now.waiting > waiting) follow();
    else if (first !== '' && now.first !== first) list.current!.scrollTop += now.height - height;
  }, [messages, following, follow]);

  // A page that does not fill the view never scrolls, and so would never ask for more.
  useEffect(readOlder, [messages, readOlder]);
  useEffect(() => keepEnd(list.current!, following), [following]);

  return { list, onScroll, following, follow, failure, retry };
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
