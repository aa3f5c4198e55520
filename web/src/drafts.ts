import { Changes } from '../../src/client/changes';
import { Shelf, type ChatStorage } from '../../src/client/storage';

/** Texts that were begun, each under the key of its room, kept over a reload. */
export class Drafts {
  readonly #changes = new Changes();
  readonly #shelf: Shelf;
  readonly #texts = new Map<string, string>();

  /** Called when a room got its first draft or lost it. */
  readonly onChange = this.#changes.on;

  constructor(storage: ChatStorage | undefined) {
    this.#shelf = new Shelf(storage, 'draft');
  }

  get(room: string): string {
    const known = this.#texts.get(room);
    if (known !== undefined) return known;
    const { text } = (this.#shelf.read(room) ?? {}) as { text?: unknown };
    const kept = typeof text === 'string' ? text : '';
    this.#texts.set(room, kept);
    return kept;
  }

  /** Written at once: browsers may end a page without a word. */
  set(room: string, text: string): void {
    const was = this.get(room);
    if (was === text) return;
    this.#texts.set(room, text);
    if (text === '') this.#shelf.remove(room);
    else this.#shelf.write(room, { text });
    if ((was === '') !== (text === '')) this.#changes.tell();
  }

  /** They belong to whoever wrote them. */
  clear(): void {
    for (const room of this.#shelf.keys('')) this.set(room, '');
    this.#texts.clear();
    this.#changes.tell();
  }
}
