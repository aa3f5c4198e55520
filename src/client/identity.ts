import type { WireError } from '../protocol/codes';
import type { Position, User } from '../protocol/entries';
import type { Hello } from '../protocol/events';
import type { Auth } from '../protocol/schemas';
import { userName } from '../protocol/names';
import type { ChatOptions } from './api';
import type { Shelf } from './storage';

type Rooms = Record<string, Position>;

/** Stands for the id of an unnamed guest who has none yet: nobody has it. */
export const UNNAMED = 'guest:';

/** Servers give unnamed guests 43 random characters, and no name is so long. */
export const isUnnamed = (userId: string): boolean => userId === UNNAMED || /^guest:[\w-]{43}$/.test(userId);

/** What an unnamed guest needs to be the same one next time. */
interface Guest {
  id: string;
  token: string;
}

const KEY = 'guest';

/** Who the user is to servers, and who he is by them. */
export class Identity {
  #guest: Guest | undefined;
  #user: User | undefined;

  constructor(
    private readonly options: Pick<ChatOptions, 'name' | 'token'>,
    private readonly shelf: Shelf,
  ) {
    this.#guest = this.#kept();
  }

  /** Known from the first hello on. */
  get user(): User | undefined {
    return this.#user;
  }

  /** Until the first hello this is all that one knows of oneself. */
  get self(): User {
    return this.#user ?? { id: this.owner ?? '', name: this.options.name ?? '' };
  }

  /** The id of the user as far as it is known: servers have the last word on it. */
  get owner(): string | undefined {
    const { name, token } = this.options;
    if (this.#user) return this.#user.id;
    if (token !== undefined) return typeof token === 'string' ? subjectOf(token) : undefined;
    return name === undefined ? (this.#guest?.id ?? UNNAMED) : guestOf(name);
  }

  /** What to present. At once if nobody has to be asked for a token; rejects as the function for it does. */
  auth(rooms: Rooms): Auth | Promise<Auth> {
    const { name, token } = this.options;
    if (typeof token === 'function') return this.#fetched(rooms, token);
    // Another page of this browser may have become a guest meanwhile.
    if (this.#isUnnamed) this.#guest ??= this.#kept();
    const known = token ?? this.#guest?.token;
    if (known !== undefined) return { token: known, rooms };
    return name === undefined ? { rooms } : { name, rooms };
  }

  /** A new token, if there is a function to ask for one. It may throw or reject. */
  async newToken(): Promise<string | undefined> {
    const { token } = this.options;
    return typeof token === 'function' ? token() : undefined;
  }

  welcomed({ token, user }: Hello): void {
    this.#user = user;
    if (token === undefined || !this.#isUnnamed) return;
    this.#guest = { id: user.id, token };
    this.shelf.write(KEY, this.#guest);
  }

  /**
   * After a final refusal: whether one will present something else now. A token that is over is asked for anew;
   * a guest token that servers know no more is worth nothing, so be another unnamed guest.
   */
  changes({ code }: WireError): boolean {
    const { token } = this.options;
    if (token !== undefined) return typeof token === 'function' && code === 'auth_expired';
    const stale = this.#guest?.token;
    if (stale === undefined || !code.startsWith('auth_')) return false;
    if (this.#kept()?.token === stale) this.shelf.remove(KEY);
    this.#guest = undefined;
    return true;
  }

  get #isUnnamed(): boolean {
    return this.options.name === undefined && this.options.token === undefined;
  }

  #kept(): Guest | undefined {
    if (!this.#isUnnamed) return undefined;
    const { id, token } = (this.shelf.read(KEY) ?? {}) as Partial<Record<keyof Guest, unknown>>;
    if (typeof id !== 'string' || typeof token !== 'string' || !isUnnamed(id)) return undefined;
    return { id, token };
  }

  async #fetched(rooms: Rooms, token: () => string | Promise<string>): Promise<Auth> {
    return { token: await token(), rooms };
  }
}

/** The id that servers give a guest of this name; undefined for a name that they refuse. */
function guestOf(name: string): string | undefined {
  try {
    return `guest:${userName(name)}`;
  } catch {
    return undefined;
  }
}

/** Whom a JWT is about, unproven; undefined if it does not tell. */
function subjectOf(token: string): string | undefined {
  try {
    const payload = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(payload), (char) => char.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    return typeof sub === 'string' ? sub : undefined;
  } catch {
    return undefined;
  }
}
