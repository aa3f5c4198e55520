import type { User } from '../../protocol/entries';
import { byId, lacking } from './members';
import type { Changes, Members, Summary } from './types';

/** What the store holds of this server's members of a room, as far as that is known. */
export class Stored {
  private members = new Map<string, User>();
  private rev = 0;
  private certain = true;

  /** Whether it is certain that the store holds nothing. */
  get isEmpty(): boolean {
    return this.certain && this.members.size === 0;
  }

  get isCertain(): boolean {
    return this.certain;
  }

  /** What has to be stored, so that the store holds these users. */
  changes(users: Members, rev: number): Changes {
    if (!this.certain) return { rev, whole: true, add: [...users.values()], remove: [] };
    const [add, remove] = [lacking(users, this.members), lacking(this.members, users)];
    return { rev, whole: false, add, remove };
  }

  /** Until they are answered nobody knows whether these changes have been stored. */
  sending(changes: Changes): void {
    if (isChange(changes)) this.certain = false;
  }

  /** They are stored; `own` is what the store says of this server after that, if anything. */
  sent(changes: Changes, own: Summary | undefined): void {
    if (changes.whole) this.members = byId(changes.add);
    for (const { id } of changes.remove) this.members.delete(id);
    for (const user of changes.add) this.members.set(user.id, user);
    if (isChange(changes)) this.rev = changes.rev;
    const { size } = this.members;
    this.certain = size === 0 ? own === undefined : own?.count === size && own.rev === this.rev;
  }

  /**
   * Whether the store is seen to have kept what it had before these changes, which it has carried out: it holds more of
   * this server than they brought. If it held nothing, it may have lost the others too.
   */
  isVouchedFor({ whole, add }: Changes): boolean {
    return !whole && add.length < this.members.size;
  }

  /** This server has a new id: nothing is stored under that. */
  reset(): void {
    this.members.clear();
    this.certain = true;
  }
}

export const isChange = ({ whole, add, remove }: Changes): boolean =>
  whole || add.length > 0 || remove.length > 0;
