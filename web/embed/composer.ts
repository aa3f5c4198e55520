import type { Room } from '../../src/client';
import { MAX_TEXT } from '../../src/protocol/limits';
import { codePoints } from '../../src/protocol/names';
import { meansSend } from '../src/enter';
import { onEnter } from '../src/enter-field';
import type { Words } from '../src/words';
import { icon, make } from './make';

const SEND = 'M5 12 20 5l-5 15-3.5-6.5z';

/** The field in which one writes. Its text is never set while a syllable is composed. */
export class Composer {
  readonly element: HTMLFormElement;
  readonly #field: HTMLTextAreaElement;

  constructor(
    private readonly room: Room,
    words: Words,
    begun: string,
  ) {
    const label = words.composer(room.name);
    const named = { 'aria-label': label, placeholder: label, enterkeyhint: 'send' };
    this.#field = make('textarea', { rows: '1', ...named });
    this.#field.value = begun;
    this.#field.addEventListener('input', () => this.room.typing(this.text.trim() !== ''));
    onEnter(
      this.#field,
      () => this.#send(),
      (press) => meansSend(press, true),
    );
    const send = make('button', { type: 'submit', 'aria-label': words.send }, icon(SEND));
    this.element = make('form', { class: 'composer' }, this.#field, send);
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
    this.#field.value = [this.text, text].filter((part) => part !== '').join('\n');
    this.#field.focus();
  }

  #send(): void {
    const { text } = this;
    if (text.trim() === '' || codePoints(text) > MAX_TEXT) return;
    this.#field.value = '';
    this.room.send(text);
    this.#field.focus();
  }
}
