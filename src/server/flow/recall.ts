import { LOBBY } from '../../protocol/limits';
import type { Memberships, UserRooms } from '../people/types';
import type { Directory } from './directory';

const AT_ONCE = 50;
const RETRY_MS = 2_000;

/** Brings what the store knows of the users who are here into the directory, sooner or later. */
export class Recall {
  /** Users to be read again. */
  private readonly due = new Set<string>();
  private readonly failed = new Set<string>();
  private working = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly directory: Pick<Directory<unknown>, 'load' | 'has'>,
    private readonly memberships: Pick<Memberships, 'of'>,
  ) {}

  /** Resolves with the rooms of the user; undefined if the store is away: then it is tried again. */
  async of(userId: string): Promise<UserRooms | undefined> {
    let rooms: UserRooms | undefined;
    const read = async (): Promise<string[]> => {
      rooms = await this.memberships.of(userId);
      return [...rooms.keys()].filter((room) => room !== LOBBY);
    };
    await this.directory.load(userId, read).catch(() => this.tryAgain(userId));
    return rooms;
  }

  /** Reads all these users again, a few at a time. */
  refresh(userIds: Iterable<string>): void {
    for (const userId of userIds) this.due.add(userId);
    if (!this.working) void this.work();
  }

  private async work(): Promise<void> {
    this.working = true;
    const worker = async (): Promise<void> => {
      for (const userId of this.due) {
        this.due.delete(userId);
        await this.of(userId);
      }
    };
    while (this.due.size > 0) await Promise.all(Array.from({ length: AT_ONCE }, worker));
    this.working = false;
  }

  private tryAgain(userId: string): void {
    this.failed.add(userId);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const here = [...this.failed].filter((each) => this.directory.has(each));
      this.failed.clear();
      this.refresh(here);
    }, RETRY_MS).unref();
  }
}
