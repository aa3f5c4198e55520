import { basename } from 'node:path';
import type { OwnFile } from './file';
import type { Held } from './types';

/** The files under names of this process, and what they hold. */
export class OwnFiles {
  private readonly files = new Set<OwnFile>();

  add(file: OwnFile): void {
    this.files.add(file);
  }

  /** Whether it was there. */
  delete(file: OwnFile): boolean {
    return this.files.delete(file);
  }

  all(): OwnFile[] {
    return [...this.files];
  }

  /** Of the files that hold something. */
  get bytes(): number {
    return this.all().reduce((sum, { holding, bytes }) => sum + (holding.size > 0 ? bytes : 0), 0);
  }

  get size(): number {
    return this.all().reduce((sum, { holding }) => sum + holding.size, 0);
  }

  find(room: string, from: string, id: string): Held | undefined {
    for (const { holding } of this.files) {
      const held = holding.find(room, from, id);
      if (held) return held;
    }
    return undefined;
  }

  hasRoom(room: string): boolean {
    return this.all().some(({ holding }) => holding.hasRoom(room));
  }

  ofRoom(room: string): Held[] {
    return this.all().flatMap(({ holding }) => holding.ofRoom(room));
  }

  /** A message that two files hold is there twice. */
  held(): Held[] {
    return this.all().flatMap(({ holding }) => holding.all());
  }

  done(held: Held[]): void {
    for (const file of this.files) file.addDone(held.flatMap((message) => file.holding.dropMessage(message)));
  }

  /** Those that are not among the names of the folder, because somebody renamed them. */
  async takenAway(names: Set<string>): Promise<OwnFile[]> {
    const missing = this.all().filter(({ path }) => !names.has(basename(path)));
    const taken: OwnFile[] = [];
    for (const file of missing) if (!(await file.isOurs().catch(() => true))) taken.push(file);
    return taken;
  }
}
