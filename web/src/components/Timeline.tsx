import { useEffect, useRef, type ReactNode } from 'react';
import type { Chat, Room, ShownMessage, WireError } from '../../../src/client';
import { useRoomState, useTimeline, useUser } from '../../../src/react';
import { useWords } from '../chosen';
import { useGoing } from '../going';
import type { PageStore } from '../page-store';
import { useScroll, waitingIn } from '../scroll';
import { useReading } from '../unread';
import { walk } from '../walk';
import { DownIcon, UpIcon } from './Icons';
import { MessageRow } from './MessageRow';

interface Props {
  store: PageStore;
  chat: Chat;
  room: Room;
  label: string;
  reply: (message: ShownMessage) => void;
  reuse: (message: ShownMessage) => void;
  names: readonly string[];
  /** The message to be edited now. */
  toEdit: string | undefined;
  endEdit: () => void;
}

export function Timeline(props: Props) {
  const { store, chat, room, label, reply, reuse, names, toEdit, endEdit } = props;
  const words = useWords();
  const messages = useTimeline(room);
  const { kind } = useRoomState(room);
  const { id: selfId, name: selfName } = useUser(chat) ?? { id: '', name: '' };
  const scroll = useScroll(room, messages);
  const { list, rows, following, follow, failure, retry, show } = scroll;
  const { unread, divider, settled, far, toFirst, see, clear, markUnread } = useReading(
    chat,
    room,
    messages,
    scroll,
    store.marks,
  );
  const { marked, missing, goToSeq, goToKey } = useGoing(room, show);
  const loaded = kind === 'joined' || messages.length > 0;

  useEffect(() => store.latestWanted.on(follow), [store, follow]);
  useTarget(store, room, settled, goToSeq);
  useAfterWriting(messages, clear);
  useEffect(() => {
    if (toEdit !== undefined) show(toEdit);
  }, [toEdit, show]);

  return (
    <div className="timeline-place">
      <div
        className={settled ? 'timeline' : 'timeline settling'}
        ref={list}
        onScroll={() => (scroll.onScroll(), see())}
        onKeyDown={walk}
        role="log"
        aria-live="off"
        aria-label={words.messages(label)}
        tabIndex={0}
      >
        <div>
          {failure && <NoOlder failure={failure} retry={retry} />}
          {loaded && !failure ? <Top empty={messages.length === 0} complete={scroll.complete} /> : null}
        </div>
        <ol>
          {rows.map((row) => (
            <MessageRow
              key={row.message.key}
              {...row}
              {...{ room, selfId, selfName, reply, markUnread, reuse, goToKey, names, endEdit }}
              toEdit={row.message.key === toEdit}
              startsUnread={row.message.key === divider}
              marked={row.message.key === marked}
            />
          ))}
        </ol>
      </div>
      {far && (
        <Jump where="jump up" go={() => void toFirst()} icon={<UpIcon />}>
          {words.toFirstUnread(unread)}
        </Jump>
      )}
      {missing && (
        <p className="jump up" role="status">
          {words.messageGone}
        </p>
      )}
      {!following && settled && (
        <Jump where="jump" go={follow} icon={<DownIcon />}>
          {words.jump}
          {unread > 0 && <span className="badge">{words.newOnes(unread)}</span>}
        </Jump>
      )}
    </div>
  );
}

/** Once the room is where it opens, a link or a search may lead elsewhere. */
function useTarget(store: PageStore, room: Room, settled: boolean, goToSeq: (seq: number) => Promise<void>) {
  useEffect(() => {
    const go = (): void => {
      const seq = settled ? store.takeTarget(room) : undefined;
      if (seq !== undefined) void goToSeq(seq);
    };
    go();
    return store.targeted.on(go);
  }, [store, room, settled, goToSeq]);
}

/** Whoever writes has read what was above. */
function useAfterWriting(messages: readonly ShownMessage[], then: () => void): void {
  const waiting = waitingIn(messages);
  const before = useRef(waiting);
  useEffect(() => {
    if (waiting > before.current) then();
    before.current = waiting;
  }, [waiting, then]);
}

function Jump(props: { where: string; go: () => void; icon: ReactNode; children: ReactNode }) {
  return (
    <button type="button" className={props.where} onClick={props.go}>
      {props.icon}
      {props.children}
    </button>
  );
}

function Top({ empty, complete }: { empty: boolean; complete: boolean }) {
  const words = useWords();
  if (empty) return <p className="top empty">{words.empty}</p>;
  return <p className="top">{complete ? words.beginning : words.loading}</p>;
}

function NoOlder({ failure, retry }: { failure: WireError; retry: () => void }) {
  const words = useWords();
  return (
    <p className="top" role="alert">
      {words.noOlder} {words.reason(failure.code)}{' '}
      <button type="button" className="text" onClick={retry}>
        {words.tryAgain}
      </button>
    </p>
  );
}
