import type { ShownMessage } from '../../src/client';
import { rowsOf, type Row } from '../src/rows';
import { button, icon, make } from './make';
import { drawRow, type Around } from './message-row';

/** Rows that are drawn at the end of a room; as many more each time one comes to the top. */
const STEP = 100;
/** Within this distance of the end one is following it. */
const NEAR_PX = 80;
/** Older messages are fetched this far ahead. */
const READ_AHEAD_PX = 400;
const DOWN = 'm6 10 6 6 6-6';

interface Drawn {
  row: Row;
  /** Who one is may be known only after it was drawn. */
  own: boolean;
  element: HTMLLIElement;
  /** The line of a new day comes before it. */
  elements: HTMLLIElement[];
}

/** The messages of a room: follows the end while one is there, and keeps still what one reads otherwise. */
export class MessageList {
  readonly element = make('div', { class: 'place' });
  readonly #scroller: HTMLElement;
  readonly #top = make('p', { class: 'top' });
  readonly #list = make('ol');
  readonly #jump: HTMLButtonElement;
  readonly #drawn = new Map<string, Drawn>();
  readonly #resized = new ResizeObserver(() => this.#following && this.#toEnd());
  #messages: readonly ShownMessage[] = [];
  #count = STEP;
  #following = true;
  #fetching = false;

  constructor(
    private readonly around: Around,
    private readonly scrolled: () => void,
  ) {
    const { words, room } = around;
    const spoken = {
      role: 'log',
      'aria-live': 'off',
      'aria-label': words.messages(room.name),
      tabindex: '0',
    };
    this.#scroller = make('div', { class: 'list', ...spoken }, this.#top, this.#list);
    this.#jump = button(words.jump, { class: 'jump', hidden: '' }, () => this.follow());
    this.#jump.prepend(icon(DOWN));
    this.element.append(this.#scroller, this.#jump);
    this.#scroller.addEventListener('scroll', () => this.#onScroll(), { passive: true });
    this.#resized.observe(this.#scroller);
    this.#resized.observe(this.#list);
  }

  get atEnd(): boolean {
    return this.#following;
  }

  update(messages: readonly ShownMessage[]): void {
    const before = this.#messages.at(-1);
    const last = messages.at(-1);
    this.#messages = messages;
    // Whoever writes wants to see it.
    if (last && last.key !== before?.key && last.from.id === this.around.selfId) this.#following = true;
    this.#draw();
  }

  follow(): void {
    this.#following = true;
    this.#draw();
  }

  end(): void {
    this.#resized.disconnect();
  }

  #draw(): void {
    const messages = this.#messages;
    this.#count = this.#following ? STEP : Math.max(this.#count, this.#reach());
    const rows = rowsOf(messages, Math.max(0, messages.length - this.#count));
    const held = this.#following ? undefined : this.#anchor();
    this.#drawTop(rows.length);
    arrange(this.#list, this.#elements(rows));
    this.#jump.hidden = this.#following;
    if (this.#following) this.#toEnd();
    else if (held) this.#hold(held);
  }

  /** How many there are from the first drawn one on: what comes at the end takes nothing from what one reads. */
  #reach(): number {
    const first = this.#messages.findIndex(({ key }) => this.#drawn.has(key));
    return first < 0 ? 0 : this.#messages.length - first;
  }

  #drawTop(shown: number): void {
    const { room, words } = this.around;
    const loaded = room.state.kind === 'joined' || this.#messages.length > 0;
    const all = room.complete && shown === this.#messages.length;
    const text = this.#messages.length === 0 ? words.empty : all ? words.beginning : words.loading;
    this.#top.textContent = loaded ? text : '';
  }

  /** Rows that did not change stay the elements that they are. */
  #elements(rows: readonly Row[]): HTMLLIElement[] {
    const before = new Map(this.#drawn);
    this.#drawn.clear();
    return rows.flatMap((row) => {
      const known = before.get(row.message.key);
      const own = row.message.from.id === this.around.selfId;
      const drawn = known && known.own === own && same(known.row, row) ? known : this.#drawOne(row, own);
      this.#drawn.set(row.message.key, drawn);
      return drawn.elements;
    });
  }

  #drawOne(row: Row, own: boolean): Drawn {
    const element = drawRow(row, this.around);
    if (!row.startsDay) return { row, own, element, elements: [element] };
    const day = make('li', { class: 'day' }, this.around.words.day(row.message.at));
    return { row, own, element, elements: [day, element] };
  }

  /** The first row in view that stays, and where it is. */
  #anchor(): { key: string; top: number } | undefined {
    const { scrollTop } = this.#scroller;
    const stays = new Set(this.#messages.map(({ key }) => key));
    for (const [key, { element }] of this.#drawn)
      if (element.offsetTop + element.offsetHeight > scrollTop && stays.has(key))
        return { key, top: element.offsetTop };
    return undefined;
  }

  #hold({ key, top }: { key: string; top: number }): void {
    const now = this.#drawn.get(key)?.element;
    if (now) this.#scroller.scrollTop += now.offsetTop - top;
  }

  #toEnd(): void {
    this.#scroller.scrollTop = this.#scroller.scrollHeight;
  }

  #onScroll(): void {
    const { scrollTop, scrollHeight, clientHeight } = this.#scroller;
    const following = scrollHeight - clientHeight - scrollTop < NEAR_PX;
    if (following !== this.#following) {
      this.#following = following;
      this.#jump.hidden = following;
    }
    if (!following && scrollTop < READ_AHEAD_PX) void this.#older();
    this.scrolled();
  }

  async #older(): Promise<void> {
    const { room } = this.around;
    if (this.#fetching || (room.complete && this.#count >= this.#messages.length)) return;
    this.#fetching = true;
    const wanted = this.#count + STEP;
    if (wanted > this.#messages.length && !room.complete) await room.older(STEP);
    if (!this.#following) {
      this.#count = wanted;
      this.#draw();
    }
    this.#fetching = false;
  }
}

const same = (a: Row, b: Row): boolean =>
  a.message === b.message &&
  a.quoted === b.quoted &&
  a.startsDay === b.startsDay &&
  a.startsGroup === b.startsGroup &&
  a.endsGroup === b.endsGroup;

/** Moves no element that is in its place already: it would lose the focus. */
function arrange(list: HTMLElement, wanted: readonly HTMLElement[]): void {
  const kept = new Set<Element>(wanted);
  for (const child of [...list.children]) if (!kept.has(child)) child.remove();
  wanted.forEach((element, i) => {
    if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null);
  });
}
