import type { Cursor } from './cursor';

/**
 * The cursors of a room in a dense list. A walk visits those who are there when it begins, each once, while others
 * come and go between its steps: it goes downwards, so that what fills a hole has been visited or is yet to be.
 */
export class Cursors {
  private readonly list: Cursor[] = [];
  private walk = 0;
  /** Below this index the walk has still to look. */
  private left = 0;

  get size(): number {
    return this.list.length;
  }

  [Symbol.iterator](): Iterator<Cursor> {
    return this.list[Symbol.iterator]();
  }

  add(cursor: Cursor): void {
    cursor.walk = this.walk; // not of this walk, wherever it is moved to
    cursor.index = this.list.length;
    this.list.push(cursor);
  }

  remove(cursor: Cursor): void {
    if (this.list[cursor.index] !== cursor) return;
    const last = this.list.pop()!;
    if (last === cursor) return;
    this.list[cursor.index] = last;
    last.index = cursor.index;
  }

  /** Begins a walk; an earlier one is over. */
  begin(): void {
    this.walk++;
    this.left = this.list.length;
  }

  /** The next one of the walk; undefined at its end. */
  next(): Cursor | undefined {
    this.left = Math.min(this.left, this.list.length);
    while (this.left > 0) {
      const cursor = this.list[--this.left]!;
      if (cursor.walk === this.walk) continue;
      cursor.walk = this.walk;
      return cursor;
    }
    return undefined;
  }
}
