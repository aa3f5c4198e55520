import type { User } from '../protocol/entries';
import { TYPING_EXPIRES_MS, TYPING_REPEAT_MS } from '../protocol/limits';
import type { Link } from './link';
import type { Part } from './part';

/** Who is typing in a room, and that oneself is. */
export class Typing implements Part {
  readonly #others = new Map<string, { user: User; timer: ReturnType<typeof setTimeout> }>();
  #shown: readonly User[] | undefined;
  #link: Link | undefined;
  /** When this user was last said to be typing, if he still is. */
  #saidAt: number | undefined;

  constructor(
    private readonly room: string,
    private readonly changed: () => void,
  ) {}

  /** The same array until it changes. */
  get users(): readonly User[] {
    return (this.#shown ??= [...this.#others.values()].map(({ user }) => user));
  }

  /** To be called at each change of the field. */
  own(active: boolean): void {
    const now = Date.now();
    if (!this.#link || (!active && this.#saidAt === undefined)) return;
    if (active && this.#saidAt !== undefined && now - this.#saidAt < TYPING_REPEAT_MS) return;
    this.#saidAt = active ? now : undefined;
    this.#link.ask('typing', { room: this.room, active }, () => undefined);
  }

  heard(user: User, active: boolean): void {
    if (!active) return this.stopped(user.id);
    const known = this.#others.get(user.id);
    clearTimeout(known?.timer);
    const timer = setTimeout(() => this.stopped(user.id), TYPING_EXPIRES_MS);
    this.#others.set(user.id, { user, timer });
    if (!known) this.#tell();
  }

  /** Also by a message of this user. */
  stopped(userId: string): void {
    const known = this.#others.get(userId);
    if (!known) return;
    clearTimeout(known.timer);
    this.#others.delete(userId);
    this.#tell();
  }

  start(link: Link): void {
    this.#link = link;
  }

  stop(): void {
    this.#link = undefined;
    this.#saidAt = undefined;
    for (const userId of [...this.#others.keys()]) this.stopped(userId);
  }

  #tell(): void {
    this.#shown = undefined;
    this.changed();
  }
}
