/** Figures as people read them, the same in every language. */
export function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Two digits that count, for what is estimated: 19,000 and not 18,734. */
export function about(value: number): string {
  const rough = Number(value.toPrecision(2));
  if (rough < 1e6) return grouped(rough);
  return `${rough < 1e7 ? (rough / 1e6).toFixed(1) : grouped(rough / 1e6)} M`;
}

/** Whole, and with one decimal below ten. */
export function rounded(value: number): string {
  return value < 10 && value > 0 ? value.toFixed(1) : `${Math.round(value)}`;
}

export function percent(value: number): string {
  return `${rounded(value)} %`;
}

export function share(value: number): string {
  return `${Math.round(value * 100)} %`;
}

export function delay(ms: number): string {
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${rounded(ms / 1_000)} s`;
}
