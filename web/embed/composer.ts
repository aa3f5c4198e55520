import type { Room } from '../../src/client';
import { MAX_TEXT } from '../../src/protocol/limits';
import { codePoints } from '../../src/protocol/names';
import { meansSend } from '../src/enter';
import { onEnter } from '../src/enter-field';
import type { Words } from '../src/words';
import { icon, make } from './make';

/** From this length on one sees how much is left. */
const COUNT_FROM = MAX_TEXT - 400;
const SEND = 'M5 12 20 5l-5 15-3.5-6.5z';

/** The field in which one writes. Its text is never set while a syllable is composed. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly #field: HTMLTextAreaElement;
  readonly #count = make('output', { class: 'count' });

  constructor(
    private readonly room: Room,
    words: Words,
    begun: string,
  ) {
    const label = words.composer(room.name);
    const named = { 'aria-label': label, placeholder: label, enterkeyhint: 'send' };
    this.#field = make('textarea', { rows: '1', ...named });
    this.#field.addEventListener('input', () => {
      this.room.typing(this.text.trim() !== '');
      this.#drawCount();
    });
    onEnter(
      this.#field,
      () => this.#send(),
      (press) => meansSend(press, true),
    );
    const send = make('button', { type: 'submit', 'aria-label': words.send }, icon(SEND));
    this.element = make('form', { class: 'composer' }, this.#field, this.#count, send);
    this.#write(begun);
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  get text(): string {
    return this.#field.value;
  }

  /** Adds a text that was not sent to what is in the field. */
  takeBack(text: string): void {
    this.#write([this.text, text].filter((part) => part !== '').join('\n'));
    this.#field.focus();
  }

  /** Goes on with a text that was begun before, unless another one is begun already. */
  begin(text: string): void {
    if (this.text === '') this.#write(text);
  }

  clear(): void {
    this.#write('');
    this.room.typing(false);
  }

  #send(): void {
    const { text } = this;
    if (text.trim() === '' || codePoints(text) > MAX_TEXT) return;
    this.#write('');
    this.room.send(text);
    this.#field.focus();
  }

  #write(text: string): void {
    this.#field.value = text;
    this.#drawCount();
  }

  /** A text that is too long is not sent: one sees why. */
  #drawCount(): void {
    const length = codePoints(this.text);
    this.#count.hidden = length <= COUNT_FROM;
    this.#count.textContent = this.#count.hidden ? '' : `${length} / ${MAX_TEXT}`;
    this.#count.classList.toggle('over', length > MAX_TEXT);
  }
}
