import { memo } from 'react';
import type { Room, ShownMessage } from '../../../src/client';
import type { Row } from '../rows';
import { dayOf, reason, timeOfDay, words } from '../words';
import { Avatar } from './Avatar';
import { ClockIcon } from './Icons';

interface Props extends Row {
  own: boolean;
  room: Room;
}

export const MessageRow = memo(function MessageRow({
  message,
  own,
  room,
  startsDay,
  startsGroup,
  endsGroup,
}: Props) {
  const { from, text, state } = message;
  const place = `${own ? 'own' : 'others'}${startsGroup ? ' first' : ''}`;
  return (
    <>
      {startsDay && (
        <li className="day">
          <span>{dayOf(message.at)}</span>
        </li>
      )}
      <li className={`message ${place} ${state}`} data-state={state}>
        {!own && startsGroup && <Avatar id={from.id} name={from.name} />}
        <div className="said">
          <span className={own || !startsGroup ? 'author hidden' : 'author'}>
            {own ? words.self : from.name}
          </span>
          <p className="body">{text}</p>
          {state === 'failed' && <Failed message={message} room={room} />}
        </div>
        <Footnote message={message} timed={endsGroup} />
      </li>
    </>
  );
});

/** The time once per group; what waits says so instead. */
function Footnote({ message: { state, at }, timed }: { message: ShownMessage; timed: boolean }) {
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
    <time className={timed ? 'footnote' : 'footnote hidden'} dateTime={new Date(at).toISOString()}>
      {timeOfDay(at)}
    </time>
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
