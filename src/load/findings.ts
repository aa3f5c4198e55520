/** The ways to break the promises of the run, of the acknowledgement and of pages. Each finding has one kind. */
export const kinds = ['lost', 'doubled', 'outOfOrder', 'holes', 'phantoms', 'conflicting', 'stale'] as const;
export type Kind = (typeof kinds)[number];

const EXAMPLES = 5;

/** Collects what is wrong: counts everything, keeps the first few of each kind in words. */
export class Findings {
  private readonly told = new Map<Kind, Set<string>>(kinds.map((kind) => [kind, new Set()]));

  /** The same words about the same kind count once. */
  add(kind: Kind, words: string): void {
    this.told.get(kind)!.add(words);
  }

  count(kind: Kind): number {
    return this.told.get(kind)!.size;
  }

  get total(): number {
    return kinds.reduce((sum, kind) => sum + this.count(kind), 0);
  }

  examples(): string[] {
    return kinds.flatMap((kind) =>
      [...this.told.get(kind)!].slice(0, EXAMPLES).map((words) => `${kind}: ${words}`),
    );
  }
}
