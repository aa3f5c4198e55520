import type { PageMessage } from '../protocol/entries';
import type { Content } from './journal';
import { keyOfRef } from './sent';

/** What stands at a position of a log, whoever was shown it. */
export type Told = Content & { seq: number; at: number; key: string };

/** What a message is from this position on. */
export interface Version {
  seq: number;
  shows: string;
}

interface State {
  text?: string | undefined;
  edited?: number;
  deletedAt?: number;
  /** Users by emoji, in the order of reacting. */
  reactions: Map<string, string[]>;
}

/**
 * What the entries of a log make of its messages, one after the other. It is the judge of what servers show,
 * so it shares nothing with the code by which they and the clients work that out.
 */
export class States {
  private readonly now = new Map<string, State>();
  private readonly versions = new Map<string, Version[]>();
  /** Entries that change what was deleted before: the log should not have them. */
  readonly tooLate: Told[] = [];

  /** `log` in the order of seq. */
  constructor(log: Told[]) {
    for (const entry of log) this.apply(entry);
  }

  /** Where the delete of a message stands, if there is one. */
  deletedAt(key: string): number | undefined {
    return this.now.get(key)?.deletedAt;
  }

  /** All that a message may look like to who has got as far as `seq` at least. */
  since(key: string, seq: number): Version[] {
    const all = this.versions.get(key) ?? [];
    const current = all.findLastIndex((version) => version.seq <= seq);
    return all.slice(Math.max(current, 0));
  }

  private apply(entry: Told): void {
    const key = entry.kind === 'message' ? entry.key : keyOfRef(entry.target);
    const state = this.now.get(key) ?? { reactions: new Map<string, string[]>() };
    this.now.set(key, state);
    if (state.deletedAt !== undefined && entry.kind !== 'message') {
      this.tooLate.push(entry);
      return;
    }
    change(state, entry);
    const versions = this.versions.get(key) ?? [];
    this.versions.set(key, versions);
    versions.push({ seq: entry.seq, shows: inWords(state) });
  }
}

function change(state: State, entry: Told): void {
  switch (entry.kind) {
    case 'message':
      state.text = entry.text;
      return;
    case 'edit':
      state.text = entry.text;
      state.edited = entry.at;
      return;
    case 'delete':
      state.deletedAt = entry.seq;
      return;
    case 'reaction':
      return react(state.reactions, entry.emoji, userOfKey(entry.key), entry.on);
  }
}

function react(reactions: Map<string, string[]>, emoji: string, user: string, on: boolean): void {
  const users = reactions.get(emoji) ?? [];
  const others = users.filter((each) => each !== user);
  if (on && others.length < users.length) return;
  const now = on ? [...others, user] : others;
  if (now.length > 0) reactions.set(emoji, now);
  else reactions.delete(emoji);
}

const userOfKey = (key: string): string => key.slice(0, key.lastIndexOf('\n'));

function inWords({ text, edited, deletedAt, reactions }: State): string {
  if (deletedAt !== undefined) return 'deleted';
  return words(text, edited, [...reactions]);
}

/** A message on a page in the words of a version. */
export function shownOn({ text, deleted, edited, reactions }: PageMessage): string {
  const nothing = text === undefined && edited === undefined && reactions === undefined;
  return deleted && nothing ? 'deleted' : words(text, edited, Object.entries(reactions ?? {}), deleted);
}

function words(
  text?: string,
  edited?: number,
  reactions: [string, string[]][] = [],
  deleted = false,
): string {
  const sorted = reactions.sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ text, edited, reactions: sorted, ...(deleted && { deleted }) });
}
