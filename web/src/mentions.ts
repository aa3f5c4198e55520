import { matches } from './matching';

export interface MentionPart {
  text: string;
  /** Who is mentioned, if this part mentions somebody. */
  name?: string;
}

/** Cuts a text at its mentions: an `@` and a name that is known. A particle may follow at once (`@민수님이`). */
export function mentionsIn(text: string, names: readonly string[]): MentionPart[] {
  const parts: MentionPart[] = [];
  let from = 0;
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    if (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1]!)) continue; // an address of mail
    const name = longest(names.filter((one) => text.startsWith(one, at + 1)));
    if (name === undefined) continue;
    if (at > from) parts.push({ text: text.slice(from, at) });
    from = at + 1 + name.length;
    parts.push({ text: text.slice(at, from), name });
  }
  if (from < text.length) parts.push({ text: text.slice(from) });
  return parts;
}

const longest = (names: readonly string[]): string | undefined =>
  names.reduce<string | undefined>(
    (best, name) => (name.length > (best?.length ?? 0) ? name : best),
    undefined,
  );

/** A mention that is being typed. */
export interface Begun {
  /** Index of its `@`. */
  at: number;
  typed: string;
}

/** Longer than any name that somebody types to find one. */
const MAX_TYPED = 20;

/** The mention that ends at the cursor, while it can still be one. */
export function begunAt(text: string, cursor: number): Begun | undefined {
  const at = text.lastIndexOf('@', cursor - 1);
  if (at === -1 || (at > 0 && !/[\s(]/.test(text[at - 1]!))) return undefined;
  const typed = text.slice(at + 1, cursor);
  return typed.length <= MAX_TYPED && !/\s/.test(typed) ? { at, typed } : undefined;
}

const MAX_OFFERED = 6;

export const offered = (names: readonly string[], typed: string): string[] =>
  names.filter((name) => matches(name, typed)).slice(0, MAX_OFFERED);

/** The text with the name in the place of what was typed, and where the cursor is then. No blank is forced. */
export function chosen(text: string, { at, typed }: Begun, name: string): { text: string; cursor: number } {
  const before = `${text.slice(0, at)}@${name}`;
  return { text: before + text.slice(at + 1 + typed.length), cursor: before.length };
}
