import stringWidth from 'string-width';

/** Pure: rows as lines. Hangul is two columns wide. Columns are aligned to the right, as figures are, but for those that hold words. */
export function table(rows: string[][], words: Set<number>): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => stringWidth(row[column] ?? ''))),
  );
  const cell = (text: string, column: number): string => {
    const blanks = ' '.repeat(widths[column]! - stringWidth(text));
    return words.has(column) ? text + blanks : blanks + text;
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}

/** Pure: a figure in its format; `-` if it is not known. */
export function show(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '-' : format(value);
}

export { percent, rounded } from '../monitor/words/figures';
