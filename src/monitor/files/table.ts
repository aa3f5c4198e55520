import { unreadable, type FileLine } from './lines';
import type { FoundTime, TimeReader } from './times';

/** A line of a table: its time, and the cells after it by the names of their columns. */
export interface TableRow {
  at: number;
  place: string;
  cells: string[];
}

/** With a separator the first cell has to be a figure, or nothing; divided by blanks nothing but figures may follow. */
const CELLS = /^"?\s*[,;|\t]\s*"?-?[\d.,]*\s*%?"?\s*([,;|\t]|$)/;
const BLANKS = /^["\s]+[\d.,%\s]+$/;

/** Pure: whether a line that begins with a time goes on as a table does, and not as a log. */
export function isTableLine(text: string, { start, end }: FoundTime): boolean {
  const rest = text.slice(end);
  return start <= 1 && (CELLS.test(rest) || BLANKS.test(rest));
}

/** Reads lines of `time,figure,...`; the first may name the columns. Blank lines and those with # are left out. */
export class TableReader {
  private names: string[] = [];
  private rows = 0;

  /** @param example what a line should look like */
  constructor(
    private readonly times: TimeReader,
    private readonly example: string,
  ) {}

  /** Undefined for a line that says nothing. Throws FleetError, with the place. */
  read({ text, place }: FileLine): TableRow | undefined {
    if (text.trim() === '' || text.startsWith('#')) return undefined;
    const time = this.times.find(text);
    if (!time || time.start > 1) {
      if (this.rows > 0 || this.names.length > 0)
        throw this.wrong(place, 'this line does not begin with a time');
      this.names = cellsOf(text).slice(1);
      return undefined;
    }
    this.rows++;
    return { at: time.at, place, cells: cellsOf(text.slice(time.end).replace(/^["\s]*[,;|\t]?/, '')) };
  }

  /** The cell of the first column whose name matches, else of the first column if `orFirst`. */
  figure(row: TableRow, name: RegExp, orFirst: boolean): number | undefined {
    const named = this.names.findIndex((each) => name.test(each));
    const cell = named >= 0 ? row.cells[named] : orFirst ? row.cells[0] : undefined;
    if (cell === undefined ? !orFirst : cell === '') return undefined;
    const value = Number(cell?.replace(/\s*%$/, '') || NaN);
    if (!(value >= 0)) throw this.wrong(row.place, `"${cell ?? ''}" is not a figure`);
    return value;
  }

  has(name: RegExp): boolean {
    return this.names.some((each) => name.test(each));
  }

  private wrong(place: string, problem: string): Error {
    return unreadable(place, problem, `a line such as ${this.example}`);
  }
}

function cellsOf(text: string): string[] {
  const separator = text.includes(';') ? ';' : text.includes(',') ? ',' : text.includes('\t') ? '\t' : /\s+/;
  const cells = text.trim().split(separator);
  // Where columns are divided by semicolons, a comma is that of a fraction.
  return cells.map((cell) => cell.trim().replace(/^"|"$/g, '').replace(separator === ';' ? ',' : /$/, separator === ';' ? '.' : '')); // prettier-ignore
}
