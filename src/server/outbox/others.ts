import { basename, join } from 'node:path';
import { isMissing } from './folder';
import type { Holding } from './holding';
import { Tail, type TailOptions } from './tail';
import type { Held } from './types';

/**
 * A file that is renamed while a folder is listed may be missed under both names. So what it holds is forgotten only
 * when a second look in a row does not find it.
 */
const MISSES = 2;
/** In one look: a server that has just come must not miss what is adopted meanwhile, and give its messages a wrong place. */
const LISTINGS = 5;

interface Other {
  tail: Tail;
  /** When it was last seen to change, or first seen under this name, on the clock of `performance.now`. */
  changedAt: number;
  misses: number;
  failing: boolean;
}

/** The files of the other servers of this host, as far as they are read. */
export class Others {
  private readonly files = new Map<string, Other>();
  /** The highest order read. */
  highest = 0;

  constructor(
    private readonly folder: string,
    private readonly options: TailOptions,
  ) {}

  get size(): number {
    return this.holdings().reduce((sum, { size }) => sum + size, 0);
  }

  private holdings(): Holding[] {
    return [...this.files.values()].map(({ tail }) => tail.holding);
  }

  find(room: string, from: string, id: string): Held | undefined {
    for (const { tail } of this.files.values()) {
      const held = tail.holding.find(room, from, id);
      if (held) return held;
    }
    return undefined;
  }

  /**
   * Reads what has grown in the files of these names; returns what is held because of it and was not before. Whoever
   * is gone when his turn comes may have another name by now: then they are listed again.
   */
  async read(names: string[], list: () => Promise<string[]>): Promise<Held[]> {
    const fresh: Held[] = [];
    const seen = new Set<string>();
    for (let left = LISTINGS - 1; !(await this.readAll(names, seen, fresh)) && left > 0; left--)
      names = (await list()).filter((name) => !seen.has(name));
    for (const [name, file] of this.files) this.count(name, file, seen.has(name));
    return fresh;
  }

  /** Returns whether all of them were there. */
  private async readAll(names: string[], seen: Set<string>, fresh: Held[]): Promise<boolean> {
    let areThere = true;
    for (const name of names) {
      const held = await this.readOne(name, this.files.get(name) ?? this.begin(name));
      if (held) seen.add(name);
      else areThere = false;
      fresh.push(...(held ?? []));
    }
    return areThere;
  }

  ofRoom(room: string): Held[] {
    return this.holdings().flatMap((holding) => holding.ofRoom(room));
  }

  hasSender(room: string, from: string): boolean {
    return this.holdings().some((holding) => holding.hasSender(room, from));
  }

  ofSender(room: string, from: string): Held[] {
    return this.holdings().flatMap((holding) => holding.ofSender(room, from));
  }

  /** An order that a message has. */
  see(order: number): void {
    this.highest = Math.max(this.highest, order);
  }

  /** Files to which nothing was written for at least this long (ms), and that may be taken over. */
  quietFor(ms: number): Tail[] {
    const limit = performance.now() - ms;
    const files = [...this.files.values()].filter(({ changedAt, misses }) => changedAt <= limit && !misses);
    return files.map(({ tail }) => tail).filter(({ holding, hasUnknown }) => holding.size > 0 || !hasUnknown);
  }

  /** An own file is another's now, so far under an unknown name. A look that is under way does not count. */
  vanish({ path, holding }: Pick<Tail, 'path' | 'holding'>): void {
    if (holding.size === 0) return;
    const tail = new Tail(path, this.options, holding);
    this.files.set(basename(path), { tail, changedAt: performance.now(), misses: -1, failing: false });
  }

  forget(name: string): void {
    this.files.delete(name);
  }

  /** They are in the log, whatever the files still say. */
  done(held: Held[]): void {
    for (const holding of this.holdings()) for (const message of held) holding.dropMessage(message);
  }

  private begin(name: string): Other {
    const tail = new Tail(join(this.folder, name), this.options);
    const file = { tail, changedAt: performance.now(), misses: 0, failing: false };
    this.files.set(name, file);
    return file;
  }

  /** Undefined if it is gone. */
  private async readOne(name: string, file: Other): Promise<Held[] | undefined> {
    try {
      const { bytes } = file.tail;
      const held = await file.tail.read();
      if (file.tail.bytes !== bytes) file.changedAt = performance.now();
      file.failing = false;
      this.see(file.tail.highest);
      return held;
    } catch (error) {
      if (isMissing(error)) return undefined;
      if (!file.failing) this.options.report(`${name} in the outbox folder cannot be read`, error);
      file.failing = true;
      return [];
    }
  }

  private count(name: string, file: Other, isSeen: boolean): void {
    file.misses = isSeen ? 0 : file.misses + 1;
    if (file.misses >= MISSES) this.files.delete(name);
  }
}
