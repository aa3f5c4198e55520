import type { User } from '../protocol/entries';
import type { MembersAnswer, Presence } from '../protocol/events';
import { MAX_MEMBERS } from '../protocol/limits';
import type { Here } from './api';
import type { Unsubscribe } from './changes';
import type { Link } from './link';
import type { Part } from './part';

const NOBODY: Here = { count: undefined, people: [], partial: false };
/** Between two looks at who is here, when counts and names do not agree, ms. */
const LOOK_AGAIN_MS = 5_000;

/** Keeps up with who is in a room, from the moment somebody wants to know. */
export class People implements Part {
  #here: Here = NOBODY;
  /** How many want to know names. */
  #wanted = 0;
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly room: string,
    private readonly changed: () => void,
  ) {}

  /** The same object until it changes. */
  get here(): Here {
    return this.#here;
  }

  /** Somebody wants to know names, until he calls the result. */
  watch(): Unsubscribe {
    if (this.#wanted++ === 0) this.#look();
    let watching = true;
    return () => {
      if (watching) this.#wanted--;
      watching = false;
    };
  }

  presence({ count, joined = [], left = [] }: Presence): void {
    const people = without(this.#here.people, [...left, ...joined]);
    this.#set({ ...this.#here, count, people: sorted([...people, ...joined]) });
    const all = count <= MAX_MEMBERS ? count : undefined;
    if (all !== undefined && all !== this.#here.people.length) this.#lookLater();
  }

  start(link: Link): void {
    this.#link = link;
    this.#look();
  }

  stop(): void {
    this.#link = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#set(NOBODY);
  }

  #look(): void {
    const link = this.#link;
    if (!link || this.#wanted === 0) return;
    link.insist('members', { room: this.room }, (answer) => {
      if (link === this.#link && answer.ok) this.#seen(answer);
    });
  }

  #seen({ count, members, partial }: MembersAnswer): void {
    this.#set({ count, people: sorted(members), partial: partial === true });
    if (partial) this.#lookLater();
  }

  /** A change may be lost, and names are not told while a room is very full. */
  #lookLater(): void {
    if (this.#wanted === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#look();
    }, LOOK_AGAIN_MS);
  }

  #set(here: Here): void {
    if (here === this.#here) return;
    this.#here = here;
    this.changed();
  }
}

function without(people: readonly User[], gone: readonly User[]): User[] {
  const ids = new Set(gone.map(({ id }) => id));
  return people.filter(({ id }) => !ids.has(id));
}

function sorted(people: readonly User[]): User[] {
  return [...people].sort((a, b) => (a.id < b.id ? -1 : 1));
}
