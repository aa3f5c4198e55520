import type { ReadMark } from '../people/types';

/** As many as a connection can have rooms to read. */
const MAX_ROOMS_READ = 200;

/** Read positions of one connection alone: of who is no member, or of whom nothing is kept. */
export class OwnMarks {
  private readonly marks = new Map<string, ReadMark>();

  get(room: string): ReadMark | undefined {
    return this.marks.get(room);
  }

  /** Returns the position in force: within an epoch none moves back. */
  move(room: string, mark: ReadMark): ReadMark {
    const known = this.marks.get(room);
    if (known?.epoch === mark.epoch && known.seq >= mark.seq) return known;
    const [oldest] = this.marks.keys();
    if (this.marks.size >= MAX_ROOMS_READ && oldest !== undefined) this.marks.delete(oldest);
    this.marks.set(room, mark);
    return mark;
  }

  forget(room: string): void {
    this.marks.delete(room);
  }
}
