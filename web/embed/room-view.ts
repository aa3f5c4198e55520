import type { Chat, Room } from '../../src/client';
import type { Words } from '../src/words';
import { Composer } from './composer';
import { button, make } from './make';
import { MessageList } from './message-list';
import { statusOf } from './status';

/** A loss shorter than this is not worth a word, ms. */
const SHOW_AFTER_MS = 3_000;
/** Not only what takes no room counts as hidden. */
const EVEN_HIDDEN_BY_STYLE = { visibilityProperty: true, opacityProperty: true };

/** All that one sees of a room, until `end`. */
export class RoomView {
  readonly element: HTMLElement;
  readonly composer: Composer;
  readonly #list: MessageList;
  readonly #status: HTMLElement;
  readonly #retry: HTMLButtonElement;
  readonly #typing = make('p', { class: 'typing' });
  readonly #aloud = make('p', { class: 'hidden', 'aria-live': 'polite' });
  readonly #ends: (() => void)[];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #said: string | undefined;
  /** The line below the newest message is within what one sees of the page. */
  #inView = false;

  constructor(
    private readonly chat: Chat,
    readonly room: Room,
    private readonly words: Words,
    begun: string,
  ) {
    this.composer = new Composer(room, words, begun);
    const around = {
      room,
      words,
      get selfId() {
        return chat.user?.id ?? '';
      },
      reuse: ({ id, text }: { id: string; text: string }) => {
        room.discard(id);
        this.composer.takeBack(text);
      },
    };
    this.#list = new MessageList(around, () => this.#look());
    this.#status = make('span', { role: 'status' });
    this.#retry = button(words.tryAgain, { class: 'text', hidden: '' }, () => chat.connect());
    this.element = make(
      'section',
      { class: 'room', 'aria-label': room.name },
      make('header', {}, make('b', {}, room.name), this.#status, this.#retry),
      this.#list.element,
      this.#aloud,
      this.#typing,
      this.composer.element,
    );
    const looked = (): void => this.#look();
    const viewed = new IntersectionObserver((changes) => {
      this.#inView = changes.at(-1)!.isIntersecting;
      this.#look();
    });
    viewed.observe(this.#typing);
    for (const sign of ['focus', 'visibilitychange']) addEventListener(sign, looked, true);
    this.#ends = [
      chat.onChange(() => this.#drawStatus()),
      room.onChange(() => this.#draw()),
      () => ['focus', 'visibilitychange'].forEach((sign) => removeEventListener(sign, looked, true)),
      () => viewed.disconnect(),
      () => this.#list.end(),
      () => clearTimeout(this.#timer),
    ];
    this.#draw();
  }

  end(): void {
    for (const end of this.#ends) end();
  }

  #draw(): void {
    this.#list.update(this.room.timeline());
    const typists = this.room.typists();
    this.#typing.textContent = typists.length > 0 ? this.words.typing(typists.map(({ name }) => name)) : '';
    this.#announce();
    this.#drawStatus();
    this.#look();
  }

  /** The newest message of others, once. What was there already when one came is not read out. */
  #announce(): void {
    const newest = this.room
      .timeline()
      .findLast(({ from, seq }) => from.id !== this.chat.user?.id && seq !== undefined);
    if (this.room.state.kind !== 'joined' || newest?.key === this.#said) return;
    const first = this.#said === undefined;
    this.#said = newest?.key ?? '';
    const news = newest && !newest.deleted && !first ? newest : undefined;
    this.#aloud.replaceChildren(
      ...(news ? [make('span', {}, this.words.said(news.from.name, news.text))] : []),
    );
  }

  #drawStatus(): void {
    const { state } = this.chat;
    const since = 'since' in state ? Date.now() - state.since : 0;
    const late = since >= SHOW_AFTER_MS;
    clearTimeout(this.#timer);
    if ('since' in state && !late) this.#timer = setTimeout(() => this.#drawStatus(), SHOW_AFTER_MS - since);
    this.element.dataset['state'] = state.kind;
    const text = statusOf(state, this.room.state, late, this.words);
    if (this.#status.textContent !== text) this.#status.textContent = text;
    this.#retry.hidden = !(late || state.kind === 'refused');
  }

  /** What is at the end and in view is read, while the page is in front and has the focus. */
  #look(): void {
    const last = this.room.timeline().findLast(({ seq }) => seq !== undefined);
    const looking = document.visibilityState === 'visible' && document.hasFocus();
    const shown = this.#list.atEnd && this.#inView && this.element.checkVisibility(EVEN_HIDDEN_BY_STYLE);
    if (looking && shown && last?.seq !== undefined) this.room.markRead(last.seq);
  }
}
