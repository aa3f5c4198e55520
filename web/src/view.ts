/** What the list of messages looks like at this moment: all that needs its measures is here. */

const ROW = '.message';
/** So much of a row has to be in view to count as seen, px. */
const SEEN_PX = 24;

/** Where a row stood, so that it can be put there again. */
export interface Anchor {
  row: Element;
  top: number;
}

/** The first row in view. */
export function anchorIn(list: HTMLElement): Anchor | undefined {
  const { top } = list.getBoundingClientRect();
  const rows = list.querySelectorAll(ROW);
  const row = rows[firstAfter(rows, top)];
  return row && { row, top: row.getBoundingClientRect().top - top };
}

/** Scrolls so that the row stands where it stood. False: it is gone. */
export function hold(list: HTMLElement, { row, top }: Anchor): boolean {
  if (!list.contains(row)) return false;
  const moved = row.getBoundingClientRect().top - list.getBoundingClientRect().top - top;
  if (Math.abs(moved) >= 1) list.scrollTop += moved;
  return true;
}

export const fromEnd = ({ scrollHeight, scrollTop, clientHeight }: HTMLElement): number =>
  scrollHeight - scrollTop - clientHeight;

export function rowOf(list: HTMLElement, key: string): HTMLElement | undefined {
  return list.querySelector<HTMLElement>(`${ROW}[data-key="${CSS.escape(key)}"]`) ?? undefined;
}

/** The seq of the lowest row in view. */
export function lowestSeen(list: HTMLElement): number | undefined {
  const rows = list.querySelectorAll<HTMLElement>(`${ROW}[data-seq]`);
  const bottom = list.getBoundingClientRect().bottom - SEEN_PX;
  let at = firstAfter(rows, bottom);
  if (at === rows.length || rows[at]!.getBoundingClientRect().top > bottom) at--;
  const seq = rows[at]?.dataset['seq'];
  return list.clientHeight === 0 || seq === undefined ? undefined : Number(seq);
}

/** The index of the first row that reaches below this line, by halving. */
function firstAfter(rows: ArrayLike<Element>, line: number): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rows[middle]!.getBoundingClientRect().bottom <= line) low = middle + 1;
    else high = middle;
  }
  return low;
}
