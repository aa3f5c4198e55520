/**
 * Pure: the coefficients, none below zero, with which the columns come nearest to `y` (least squares). Exact: the best
 * choice is the ordinary fit of those columns that it uses, so every choice of columns is tried; there are few.
 * Columns that say the same share nothing: one of them gets all. Each row has one value for each column.
 */
export function nonNegativeFit(rows: number[][], y: number[]): number[] {
  const width = rows[0]?.length ?? 0;
  const sizes = Array.from({ length: width }, (_, i) => Math.hypot(...rows.map((row) => row[i]!)) || 1);
  const scaled = rows.map((row) => row.map((value, i) => value / sizes[i]!));
  const products = sizes.map((_, i) => sizes.map((_, j) => sum(scaled, (row) => row[i]! * row[j]!)));
  const targets = sizes.map((_, i) => sum(scaled, (row, at) => row[i]! * y[at]!));
  let best = { gain: 0, fit: sizes.map(() => 0) };
  for (const columns of subsets(width)) {
    const some = solve(
      columns.map((i) => columns.map((j) => products[i]![j]!)),
      columns.map((i) => targets[i]!),
    );
    if (!some || some.some((value) => value < 0)) continue;
    // By how much the sum of squares falls.
    const gain = columns.reduce((total, i, at) => total + some[at]! * targets[i]!, 0);
    if (gain <= best.gain) continue;
    best = { gain, fit: sizes.map((size, i) => (some[columns.indexOf(i)] ?? 0) / size) };
  }
  return best.fit;
}

/** Small ones first: of two that fit alike the simpler one is taken. */
function subsets(width: number): number[][] {
  const all = Array.from({ length: 2 ** width - 1 }, (_, bits) =>
    Array.from({ length: width }, (_, i) => i).filter((i) => ((bits + 1) >> i) & 1),
  );
  return all.sort((a, b) => a.length - b.length);
}

/** A pivot below this share of its column means that the columns say the same. */
const SINGULAR = 1e-9;

/** Elimination with the largest pivot; undefined when there is no single solution. */
function solve(matrix: number[][], right: number[]): number[] | undefined {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (let column = 0; column < rows.length; column++) {
    const size = (i: number): number => Math.abs(rows[i]![column]!);
    let pivot = column;
    for (let i = column + 1; i < rows.length; i++) if (size(i) > size(pivot)) pivot = i;
    if (size(pivot) < SINGULAR) return undefined;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (const [i, row] of rows.entries()) {
      if (i === column) continue;
      const factor = row[column]! / rows[column]![column]!;
      for (let j = column; j < row.length; j++) row[j] = row[j]! - factor * rows[column]![j]!;
    }
  }
  return rows.map((row, i) => row.at(-1)! / row[i]!);
}

function sum(rows: number[][], of: (row: number[], at: number) => number): number {
  return rows.reduce((total, row, at) => total + of(row, at), 0);
}

/** Pure: Pearson's r, -1 to 1; null when one of them does not change. */
export function correlationOf(a: number[], b: number[]): number | null {
  const [x, y] = [deviations(a), deviations(b)];
  const size = Math.hypot(...x) * Math.hypot(...y);
  const isFlat = Math.hypot(...x) <= 1e-9 * Math.hypot(...a) || Math.hypot(...y) <= 1e-9 * Math.hypot(...b);
  return isFlat || size === 0 ? null : x.reduce((total, value, i) => total + value * y[i]!, 0) / size;
}

function deviations(values: number[]): number[] {
  const mean = values.reduce((total, value) => total + value, 0) / values.length;
  return values.map((value) => value - mean);
}
