import { memo, useEffect, useRef, useState } from 'react';
import type { Room, ShownMessage, WireError } from '../../../src/client';
import type { Row } from '../rows';
import { dayOf, reason, timeOfDay, words } from '../words';
import { Avatar } from './Avatar';
import { EditForm } from './EditForm';
import { ClockIcon, MoreIcon } from './Icons';
import { MessageActions } from './MessageActions';
import { Quote } from './Quote';
import { Reactions } from './Reactions';

interface Props extends Row {
  selfId: string;
  room: Room;
  reply: (message: ShownMessage) => void;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { message, selfId, startsDay, startsGroup, endsGroup } = props;
  const { from, state, deleted } = message;
  const own = from.id === selfId;
  const place = `${own ? 'own' : 'others'}${startsGroup ? ' first' : ''}${deleted ? ' deleted' : ''}`;
  return (
    <>
      {startsDay && (
        <li className="day">
          <span>{dayOf(message.at)}</span>
        </li>
      )}
      <li className={`message ${place} ${state}`} data-state={state}>
        {!own && startsGroup && <Avatar id={from.id} name={from.name} />}
        <Said {...props} own={own} />
        <Footnote message={message} timed={endsGroup} />
      </li>
    </>
  );
});

type Mode = 'rest' | 'menu' | 'edit';

function Said({ message, quoted, own, selfId, room, reply, startsGroup }: Props & { own: boolean }) {
  const [mode, setMode] = useState<Mode>('rest');
  const [error, setError] = useState<WireError>();
  const { from, text, state, deleted, replyTo } = message;
  const at = deleted ? 'rest' : mode;
  const row = useFocusAfter(at);
  const rest = (): void => setMode('rest');
  if (at === 'edit') return <EditForm message={message} room={room} close={rest} />;
  const open = at === 'menu';
  return (
    <div className="said" ref={row} tabIndex={-1}>
      <span className={own || !startsGroup ? 'author hidden' : 'author'}>{own ? words.self : from.name}</span>
      {replyTo && !deleted && <Quote message={quoted} />}
      <div className="bubble">
        <p className="body">{deleted ? words.removed : text}</p>
        {state === 'committed' && !deleted && (
          <button
            type="button"
            className="opener"
            aria-label={words.actions(from.name)}
            aria-expanded={open}
            onClick={() => setMode(open ? 'rest' : 'menu')}
          >
            <MoreIcon />
          </button>
        )}
      </div>
      {open && (
        <MessageActions
          {...{ message, own, selfId, room, reply }}
          edit={() => setMode('edit')}
          close={rest}
          failed={setError}
        />
      )}
      <Reactions {...{ message, selfId, room }} failed={setError} />
      {error && (
        <p className="failure" role="alert">
          {words.notDone} {reason(error.code)}
        </p>
      )}
      {state === 'failed' && <Failed message={message} room={room} />}
    </div>
  );
}

/** The message itself takes the focus after its menu or form; the button that opened them may be gone. */
function useFocusAfter(mode: Mode) {
  const row = useRef<HTMLDivElement>(null);
  const before = useRef(mode);
  useEffect(() => {
    if (mode === 'rest' && before.current !== 'rest') row.current!.focus({ preventScroll: true });
    before.current = mode;
  }, [mode]);
  return row;
}

/** The time once per group; what waits says so instead, and what was edited always. */
function Footnote({ message: { state, at, edited }, timed }: { message: ShownMessage; timed: boolean }) {
  if (state === 'sending' || state === 'queued') {
    return (
      <span className="footnote" title={words[state]}>
        <ClockIcon />
        <span className="hidden">{words[state]}</span>
      </span>
    );
  }
  if (state === 'failed') return null;
  return (
    <span className={timed || edited !== undefined ? 'footnote' : 'footnote hidden'}>
      {edited !== undefined && `(${words.edited}) `}
      <time className={timed ? undefined : 'hidden'} dateTime={new Date(at).toISOString()}>
        {timeOfDay(at)}
      </time>
    </span>
  );
}

function Failed({ message: { id, error }, room }: { message: ShownMessage; room: Room }) {
  const why = error && reason(error.code);
  return (
    <p className="failure" role="alert">
      <span>{why === undefined ? words.failed : `${words.failed}: ${why}`}</span>
      <button type="button" className="text" onClick={() => room.retry(id)}>
        {words.retry}
      </button>
      <button type="button" className="text" onClick={() => room.discard(id)}>
        {words.discard}
      </button>
    </p>
  );
}
