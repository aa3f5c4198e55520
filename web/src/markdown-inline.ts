export type Inline =
  | { kind: 'text' | 'code'; text: string }
  /** The address is the text: no text can stand for another address. */
  | { kind: 'link'; text: string }
  | { kind: 'strong' | 'em' | 's'; inline: Inline[] };

const MARKS = [
  ['**', 'strong'],
  ['~~', 's'],
  ['*', 'em'],
  ['_', 'em'],
] as const;
type Mark = (typeof MARKS)[number][0];

/** Marks in marks, at most. */
const MAX_DEPTH = 6;
const PUNCTUATION = /[!-/:-@[-`{-~]/;
const LETTER = /[\p{L}\p{N}]/u;
const LINK = /https?:\/\/[^\s<>"`]+/iy;
/** A syllable that follows a Latin letter is a particle, not a part of the address; one that follows `/` is. */
const PARTICLE = /[a-z0-9)][가-힣]/i;

/**
 * The marks of one paragraph. Unlike Markdown's own, a closing mark may be followed by anything, for
 * in Korean a particle follows: `**JWT(토큰)**을`. Inside of words `_` is a letter.
 */
export function inlineOf(text: string, depth = 0): Inline[] {
  const pieces: Inline[] = [];
  const unclosed = new Set<Mark>();
  let plain = '';
  const push = (piece: Inline): void => {
    if (plain !== '') pieces.push({ kind: 'text', text: plain });
    plain = '';
    pieces.push(piece);
  };
  for (let i = 0; i < text.length;) {
    const found = escapeAt(text, i) ?? codeAt(text, i) ?? linkAt(text, i) ?? marked(text, i, depth, unclosed);
    if (!found) plain += text[i++]!;
    else {
      if (found.piece) push(found.piece);
      else plain += found.plain;
      i = found.end;
    }
  }
  if (plain !== '') pieces.push({ kind: 'text', text: plain });
  return pieces;
}

interface Found {
  piece?: Inline;
  plain?: string;
  /** Index after it. */
  end: number;
}

function escapeAt(text: string, at: number): Found | undefined {
  const next = text[at + 1] ?? '';
  return text[at] === '\\' && PUNCTUATION.test(next) ? { plain: next, end: at + 2 } : undefined;
}

/** As many backticks as opened it close it. */
function codeAt(text: string, at: number): Found | undefined {
  if (text[at] !== '`') return undefined;
  const ticks = runAt(text, at, '`');
  const from = at + ticks;
  for (let i = text.indexOf('`', from); i !== -1;) {
    const run = runAt(text, i, '`');
    if (run === ticks) return { piece: { kind: 'code', text: trimmed(text.slice(from, i)) }, end: i + run };
    i = text.indexOf('`', i + run);
  }
  return { plain: text.slice(at, from), end: from };
}

const trimmed = (code: string): string => (/^ .*\S.* $/s.test(code) ? code.slice(1, -1) : code);

function linkAt(text: string, at: number): Found | undefined {
  if (text[at] !== 'h' && text[at] !== 'H') return undefined;
  LINK.lastIndex = at;
  const [whole] = LINK.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const particle = whole.search(PARTICLE);
  const link = withoutEnd(particle === -1 ? whole : whole.slice(0, particle + 1));
  return /^https?:\/\/[^/]/i.test(link) && URL.canParse(link)
    ? { piece: { kind: 'link', text: link }, end: at + link.length }
    : undefined;
}

/** What ends a sentence does not belong to the address, nor does a bracket that was not opened in it. */
function withoutEnd(link: string): string {
  const last = link.at(-1) ?? '';
  const unopened = last === ')' && link.split(')').length > link.split('(').length;
  return /[.,:;!?'*_~\]}]/.test(last) || unopened ? withoutEnd(link.slice(0, -1)) : link;
}

function marked(text: string, at: number, depth: number, unclosed: Set<Mark>): Found | undefined {
  if (depth >= MAX_DEPTH) return undefined;
  for (const [mark, kind] of MARKS) {
    if (unclosed.has(mark) || !opens(text, at, mark)) continue;
    const from = at + mark.length;
    const end = closing(text, from, mark);
    // Where none closes from here on, none closes from further on.
    if (end === -1) unclosed.add(mark);
    else
      return { piece: { kind, inline: inlineOf(text.slice(from, end), depth + 1) }, end: end + mark.length };
  }
  return undefined;
}

function opens(text: string, at: number, mark: Mark): boolean {
  if (!text.startsWith(mark, at)) return false;
  const next = text[at + mark.length] ?? ' ';
  if (/\s/.test(next) || (mark.length === 1 && next === mark)) return false;
  return mark !== '_' || !LETTER.test(text[at - 1] ?? '');
}

/** The index of the mark that closes what began here; -1 if none does. Code hides marks. */
function closing(text: string, from: number, mark: Mark): number {
  for (let i = from; i < text.length;) {
    const hidden = escapeAt(text, i) ?? codeAt(text, i) ?? linkAt(text, i);
    if (hidden) {
      i = hidden.end;
      continue;
    }
    const run = runAt(text, i, mark[0]!);
    if (run > 0 && closes(text, i, run, from, mark)) return i + run - mark.length;
    i += Math.max(1, run);
  }
  return -1;
}

function closes(text: string, at: number, run: number, from: number, mark: Mark): boolean {
  if (at === from || /\s/.test(text[at - 1]!)) return false;
  if (mark.length === 1 ? run === 2 : run < 2) return false;
  return mark !== '_' || !LETTER.test(text[at + run] ?? '');
}

function runAt(text: string, at: number, char: string): number {
  let end = at;
  while (text[end] === char) end++;
  return end - at;
}
