import type { Position } from '../protocol/entries';
import type { Link } from './link';
import type { Part } from './part';

/** What is read in quick succession is told to the server at most this often, ms. */
export const TELL_EVERY_MS = 1_000;

/** Tells servers how far the user has read a room, until one knows. */
export class Reading implements Part {
  #link: Link | undefined;
  /** Read, and not known to a server yet. */
  #untold: Position | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly room: string) {}

  mark(position: Position): void {
    this.#untold = position;
    this.#soon();
  }

  start(link: Link): void {
    this.#link = link;
    this.#soon();
  }

  stop(): void {
    this.#link = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #soon(): void {
    if (this.#link && this.#untold) this.#timer ??= setTimeout(() => this.#tell(), TELL_EVERY_MS);
  }

  #tell(): void {
    const position = this.#untold;
    const link = this.#link;
    if (!position || !link) return;
    link.insist('markRead', { room: this.room, ...position }, () => {
      if (link !== this.#link) return;
      this.#timer = undefined;
      // A final refusal, for example of a position that is void, is not worth a repeat.
      if (this.#untold === position) this.#untold = undefined;
      this.#soon();
    });
  }
}
