import type { Room, ShownMessage } from '../../src/client';
import { languageOf } from '../src/language';
import { isEmojiAlone } from '../src/markdown';
import type { Row } from '../src/rows';
import type { Words } from '../src/words';
import { button, icon, make } from './make';
import { richText } from './rich-text';

export interface Around {
  room: Room;
  words: Words;
  /** Whose own messages are on the other side. */
  selfId: string;
  /** Takes the text of a failed message back into the field. */
  reuse: (message: ShownMessage) => void;
}

const CLOCK = 'M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16M12 8v4l3 2';

export function drawRow({ message, startsGroup, endsGroup, quoted }: Row, around: Around): HTMLLIElement {
  const { words, selfId } = around;
  const { key, from, at, state, deleted, replyTo } = message;
  const own = from.id === selfId;
  const text = deleted ? words.removed : message.text;
  const label = own ? words.ownAt(words.time(at), text) : words.saidAt(from.name, words.time(at), text);
  const kind = ['message', own ? 'own' : 'others', startsGroup && 'first', deleted && 'deleted', state];
  const body = make('div', { class: isEmojiAlone(text) ? 'body emoji' : 'body', title: words.moment(at) });
  const language = deleted ? undefined : languageOf(text);
  if (language) body.lang = language;
  body.append(...(deleted ? [text] : richText(text)));
  return make(
    'li',
    { class: kind.filter(Boolean).join(' '), 'data-state': state, 'data-key': key, 'aria-label': label },
    !own && startsGroup && make('span', { class: 'author' }, from.name),
    replyTo && !deleted && drawQuote(quoted, words),
    make('div', { class: 'bubble' }, body, drawFootnote(message, endsGroup, words)),
    !deleted && message.reactions !== undefined && drawReactions(message, words),
    state === 'failed' && drawFailed(message, around),
  );
}

function drawQuote(quoted: ShownMessage | undefined, words: Words): HTMLElement {
  if (!quoted) return make('p', { class: 'quote' }, words.earlier);
  const said = quoted.deleted ? words.removed : quoted.text;
  return make('p', { class: 'quote' }, make('b', {}, quoted.from.name), ` ${said.slice(0, 200)}`);
}

/** The time once per group; what waits says so instead. */
function drawFootnote({ state, at, edited }: ShownMessage, timed: boolean, words: Words): HTMLElement {
  const note = make('span', { class: 'footnote' });
  if (state === 'sending' || state === 'queued') {
    note.title = words[state];
    note.append(icon(CLOCK), make('span', { class: 'hidden' }, words[state]));
  } else if (state === 'committed') {
    if (edited !== undefined) note.append(`(${words.edited}) `);
    if (timed) note.append(make('time', { datetime: new Date(at).toISOString() }, words.time(at)));
  }
  return note;
}

function drawReactions({ reactions = {} }: ShownMessage, words: Words): HTMLElement {
  const counted = Object.entries(reactions).map(([emoji, people]) =>
    make('span', {}, words.reactions(emoji, people.length)),
  );
  return make('p', { class: 'reactions' }, ...counted);
}

function drawFailed(message: ShownMessage, { room, words, reuse }: Around): HTMLElement {
  const { id, error } = message;
  const why = error && words.reason(error.code);
  return make(
    'p',
    { class: 'failure', role: 'alert' },
    make('span', {}, why === undefined ? words.failed : `${words.failed}: ${why}`),
    button(words.retry, { class: 'text' }, () => room.retry(id)),
    button(words.edit, { class: 'text' }, () => reuse(message)),
    button(words.discard, { class: 'text' }, () => room.discard(id)),
  );
}
