import { memo, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import type { Room, ShownMessage, WireError } from '../../../src/client';
import { keyOfRef } from '../../../src/client/committed';
import { useWords } from '../chosen';
import { languageOf } from '../language';
import { isEmojiAlone } from '../markdown';
import type { Row } from '../rows';
import { Avatar } from './Avatar';
import { EditForm } from './EditForm';
import { ClockIcon, MoreIcon } from './Icons';
import { Markdown } from './Markdown';
import { MessageActions } from './MessageActions';
import { Quote } from './Quote';
import { Reactions } from './Reactions';

interface Props extends Row {
  selfId: string;
  room: Room;
  reply: (message: ShownMessage) => void;
  /** The room counts as unread from this message on. */
  markUnread: (message: ShownMessage) => void;
  /** Leads to the message with this key. */
  goToKey: (key: string) => Promise<void>;
  /** Who may be mentioned, and the own one among them. */
  names: readonly string[];
  selfName: string;
  /** To be edited now, by a key; `endEdit` when that is over. */
  toEdit: boolean;
  endEdit: () => void;
  /** Takes the text of a failed message back into the field. */
  reuse: (message: ShownMessage) => void;
  /** The first that was not read when one came. */
  startsUnread: boolean;
  /** One was led to it. */
  marked: boolean;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const words = useWords();
  const { message, selfId, startsDay, startsGroup, startsUnread, marked } = props;
  const { key, seq, from, state, deleted } = message;
  const own = from.id === selfId;
  const marks = [startsGroup && 'first', deleted && 'deleted', marked && 'marked'].filter(Boolean).join(' ');
  return (
    <>
      {startsDay && (
        <li className="day">
          <span>{words.day(message.at)}</span>
        </li>
      )}
      {startsUnread && (
        <li className="unread-line">
          <span>{words.unreadLine}</span>
        </li>
      )}
      <li
        className={`message ${own ? 'own' : 'others'} ${marks} ${state}`}
        data-state={state}
        data-key={key}
        data-seq={seq}
      >
        {!own && startsGroup && <Avatar id={from.id} name={from.name} />}
        <Said {...props} own={own} />
      </li>
    </>
  );
});

type Mode = 'rest' | 'menu' | 'edit';

function Said(props: Props & { own: boolean }) {
  const { message, quoted, own, selfId, room, reply, markUnread, goToKey, startsGroup, endsGroup } = props;
  const { names, selfName, toEdit, endEdit, reuse } = props;
  const words = useWords();
  const [mode, setMode] = useState<Mode>('rest');
  const [error, setError] = useState<WireError>();
  const { from, at, state, deleted, replyTo } = message;
  const text = deleted ? words.removed : message.text;
  const now = deleted ? 'rest' : mode;
  const row = useFocusAfter(now, toEdit, endEdit);
  const rest = (): void => setMode('rest');
  useEffect(() => {
    if (toEdit) setMode('edit');
  }, [toEdit]);
  if (now === 'edit') {
    return (
      <>
        <EditForm message={message} room={room} close={rest} />
        <Footnote message={message} timed={endsGroup} />
      </>
    );
  }
  const open = now === 'menu';
  const active = state === 'committed' && !deleted;
  const onKeyDown = (event: KeyboardEvent): void => {
    if (!active || event.target !== row.current || event.repeat) return;
    if (event.key === 'Enter') setMode('menu');
    else if (event.ctrlKey || event.metaKey) return;
    else if (event.code === 'KeyR') reply(message);
    else if (event.code === 'KeyU') markUnread(message);
    else return;
    event.preventDefault();
  };
  return (
    <article
      className="said"
      ref={row}
      tabIndex={-1}
      aria-label={own ? words.ownAt(words.time(at), text) : words.saidAt(from.name, words.time(at), text)}
      onKeyDown={onKeyDown}
    >
      {!own && startsGroup && <span className="author">{from.name}</span>}
      {replyTo && !deleted && <Quote message={quoted} go={() => void goToKey(keyOfRef(replyTo))} />}
      <div className="bubble" title={words.moment(at)}>
        <div
          className={isEmojiAlone(text) ? 'body emoji' : 'body'}
          lang={deleted ? undefined : languageOf(text)}
          onClick={({ target }) => active && isTap(target) && setMode(open ? 'rest' : 'menu')}
        >
          {deleted ? text : <Markdown text={text} names={names} self={selfName} />}
        </div>
        {active && (
          <button
            type="button"
            className="opener"
            tabIndex={-1}
            aria-label={words.actions(from.name)}
            aria-expanded={open}
            onClick={() => setMode(open ? 'rest' : 'menu')}
          >
            <MoreIcon />
          </button>
        )}
        <Footnote message={message} timed={endsGroup} />
      </div>
      {open && (
        <MessageActions
          {...{ message, own, selfId, room, reply, markUnread }}
          edit={() => setMode('edit')}
          close={rest}
          failed={setError}
        />
      )}
      <Reactions {...{ message, selfId, room }} failed={setError} />
      {error && (
        <p className="failure" role="alert">
          {words.notDone} {words.reason(error.code)}
        </p>
      )}
      {state === 'failed' && <Failed {...{ message, room, reuse }} />}
    </article>
  );
}

/** Where nothing hovers, a tap on the message opens its menu; whoever selects text wants something else. */
const isTap = (target: EventTarget): boolean =>
  matchMedia('(hover: none)').matches &&
  getSelection()?.isCollapsed !== false &&
  !(target instanceof Element && target.closest('a, button, pre'));

/**
 * The message itself takes the focus after its menu or form, for the button that opened them may be gone; the
 * field takes it, if the form was opened from there.
 */
function useFocusAfter(mode: Mode, toEdit: boolean, endEdit: () => void) {
  const row = useRef<HTMLElement>(null);
  const before = useRef(mode);
  useEffect(() => {
    const over = mode === 'rest' && before.current !== 'rest';
    before.current = mode;
    if (over && toEdit) endEdit();
    else if (over) row.current!.focus({ preventScroll: true });
  }, [mode, toEdit, endEdit]);
  return row;
}

/** The time once per group; what waits says so instead, and what was edited always. */
function Footnote({ message: { state, at, edited }, timed }: { message: ShownMessage; timed: boolean }) {
  const words = useWords();
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
        {words.time(at)}
      </time>
    </span>
  );
}

function Failed({ message, room, reuse }: Pick<Props, 'message' | 'room' | 'reuse'>) {
  const { id, error } = message;
  const words = useWords();
  const why = error && words.reason(error.code);
  return (
    <p className="failure" role="alert">
      <span>{why === undefined ? words.failed : `${words.failed}: ${why}`}</span>
      <button type="button" className="text" onClick={() => room.retry(id)}>
        {words.retry}
      </button>
      <button type="button" className="text" onClick={() => reuse(message)}>
        {words.edit}
      </button>
      <button type="button" className="text" onClick={() => room.discard(id)}>
        {words.discard}
      </button>
    </p>
  );
}
