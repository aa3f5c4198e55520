import type { WireError } from '../protocol/codes';
import type { Position, User } from '../protocol/entries';
import type { Hello } from '../protocol/events';
import type { Auth } from '../protocol/schemas';
import type { ChatOptions } from './api';

type Rooms = Record<string, Position>;

/** Who the user is to servers, and who he is by them. */
export class Identity {
  #guestToken: string | undefined;
  #user: User | undefined;

  constructor(private readonly options: Pick<ChatOptions, 'name' | 'token'>) {}

  /** Known from the first hello on. */
  get user(): User | undefined {
    return this.#user;
  }

  /** Until the first hello the name is all that one knows of oneself. */
  get self(): User {
    return this.#user ?? { id: '', name: this.options.name ?? '' };
  }

  /** What to present. At once if nobody has to be asked for a token; rejects as the function for it does. */
  auth(rooms: Rooms): Auth | Promise<Auth> {
    const { name, token } = this.options;
    if (typeof token === 'function') return this.#fetched(rooms, token);
    const known = token ?? this.#guestToken;
    if (known !== undefined) return { token: known, rooms };
    return name === undefined ? { rooms } : { name, rooms };
  }

  /** A new token, if there is a function to ask for one. It may throw or reject. */
  async newToken(): Promise<string | undefined> {
    const { token } = this.options;
    return typeof token === 'function' ? token() : undefined;
  }

  welcomed({ token, user }: Hello): void {
    this.#guestToken = token ?? this.#guestToken;
    this.#user = user;
  }

  /**
   * After a final refusal: whether one will present something else now. A token that is over is asked for anew;
   * a guest token that servers know no more is worth nothing, so be another unnamed guest.
   */
  changes({ code }: WireError): boolean {
    const { token } = this.options;
    if (token !== undefined) return typeof token === 'function' && code === 'auth_expired';
    const stale = this.#guestToken !== undefined && code.startsWith('auth_');
    if (stale) this.#guestToken = undefined;
    return stale;
  }

  async #fetched(rooms: Rooms, token: () => string | Promise<string>): Promise<Auth> {
    return { token: await token(), rooms };
  }
}
