import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Room, RoomState, ShownMessage, WireError } from '../../src/client';
import { useRoomState } from '../../src/react';
import { rowsOf } from './rows';
import { anchorIn, fromEnd, hold, rowOf, type Anchor } from './view';
import { around, moved, windowAt, type Place } from './window';

/** Within this distance of the end one is following it. */
const NEAR_PX = 80;
/** The window moves, or older messages are read, when their place comes this near. */
const READ_AHEAD_PX = 800;

/** A row to be brought into view: in the middle, or with what comes after it. */
interface Wanted {
  key: string;
  block: 'center' | 'start';
}

/**
 * Follows the end while one is there or has just written, keeps still what one reads otherwise, whatever
 * comes above or below, and shows and reads older messages in time.
 */
export function useScroll(room: Room, messages: readonly ShownMessage[]) {
  const { failure, older, retry } = useOlder(room);
  const list = useRef<HTMLDivElement>(null);
  const [place, setPlace] = useState<Place>('end');
  const { from, to } = windowAt(place, messages);
  const rows = useMemo(() => rowsOf(messages, from, to), [messages, from, to]);
  const anchor = useRef<Anchor>(undefined);
  const wanted = useRef<Wanted>(undefined);
  const waiting = useRef(0);
  const following = place === 'end';

  const follow = useCallback((): void => {
    wanted.current = undefined;
    setPlace('end');
    list.current!.scrollTop = list.current!.scrollHeight;
  }, []);

  const show = useCallback(
    (key: string, block: Wanted['block'] = 'center'): void => {
      const all = room.timeline();
      const index = all.findIndex((message) => message.key === key);
      if (index === -1) return;
      wanted.current = { key, block };
      const first = around(index, all);
      setPlace(first === 'end' ? first : { ...first });
    },
    [room],
  );

  const lookAhead = useCallback((): void => {
    const view = list.current!;
    const towards = view.scrollTop < READ_AHEAD_PX ? -1 : 1;
    if (towards === 1 && (following || fromEnd(view) >= READ_AHEAD_PX)) return;
    const next = moved({ from, to }, towards, messages);
    if (next) setPlace(next);
    else if (towards === -1) older();
  }, [older, messages, from, to, following]);

  const onScroll = useCallback((): void => {
    const view = list.current!;
    const atEnd = to === messages.length && fromEnd(view) < NEAR_PX;
    anchor.current = atEnd ? undefined : anchorIn(view);
    if (atEnd !== following) setPlace(atEnd ? 'end' : (messages[from] ?? 'end'));
    if (!atEnd || from === 0) lookAhead();
  }, [lookAhead, messages, from, to, following]);

  useLayoutEffect(() => {
    const view = list.current!;
    const before = waiting.current;
    waiting.current = waitingIn(messages);
    const row = wanted.current && rowOf(view, wanted.current.key);
    if (row) {
      row.scrollIntoView({ block: wanted.current!.block });
      wanted.current = undefined;
      // Where nothing can scroll no event would tell that this is the end too.
      if (view.scrollHeight <= view.clientHeight && to === messages.length) setPlace('end');
    } else if (following || waiting.current > before) follow();
    else if (anchor.current) hold(view, anchor.current);
    if (!following) anchor.current = anchorIn(view);
  }, [messages, rows, to, place, following, follow]);

  // A page that does not fill the view never scrolls, and so would never ask for more.
  useEffect(() => {
    if (!following || from === 0) lookAhead();
  }, [lookAhead, rows, following, from]);
  // At once: the observer of the end would take the view back there before another effect could stop it.
  useLayoutEffect(() => {
    const view = list.current!;
    return keepStill(view, () => {
      if (following) view.scrollTop = view.scrollHeight;
      else if (anchor.current) hold(view, anchor.current);
    });
  }, [following]);

  const complete = room.complete && from === 0;
  return { list, rows, complete, onScroll, following, follow, show, failure, retry };
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

export const waitingIn = (messages: readonly ShownMessage[]): number => {
  let count = 0;
  // What waits comes last.
  for (let i = messages.length - 1; i >= 0 && messages[i]!.state !== 'committed'; i--)
    if (messages[i]!.state === 'sending') count++;
  return count;
};

/** The view shrinks above the keyboard of a phone, and rows grow by menus, forms and other widths. */
function keepStill(view: HTMLElement, again: () => void): () => void {
  const observer = new ResizeObserver(again);
  observer.observe(view);
  for (const part of view.children) observer.observe(part);
  return () => observer.disconnect();
}
