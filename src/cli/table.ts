/** Pure: rows as lines. Columns are aligned to the right, as figures are, but for those that hold words. */
export function table(rows: string[][], words: Set<number>): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  const cell = (text: string, column: number): string =>
    words.has(column) ? text.padEnd(widths[column]!) : text.padStart(widths[column]!);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}

/** Pure: a figure in its format; `-` if it is not known. */
export function show(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? '-' : format(value);
}

/** Pure: whole, and with one decimal below ten. */
export function rounded(value: number): string {
  return value < 10 && value > 0 ? value.toFixed(1) : `${Math.round(value)}`;
}

export function percent(value: number): string {
  return `${rounded(value)} %`;
}
