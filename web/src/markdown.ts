import { inlineOf, type Inline } from './markdown-inline';

/**
 * The marks that people type in a chat, and no others: a subset of Markdown, read into pieces of which only
 * known elements can be made. Lines break where they were broken.
 */
export type Block =
  | { kind: 'p'; inline: Inline[] }
  | { kind: 'fence'; text: string; language: string }
  | { kind: 'quote'; blocks: Block[] }
  | { kind: 'list'; /** of the first item, if they are numbered */ start?: number; items: Inline[][] };

const FENCE = /^ {0,3}```([^\s`]*)\s*$/;
const QUOTE = /^ {0,3}> ?(.*)$/;
const ITEM = /^ {0,8}(?:[-*•]|(\d{1,9})[.)]) +(\S.*)$/;
/** Quotes in quotes, at most. */
const MAX_DEPTH = 4;

export function blocksOf(text: string, depth = 0): Block[] {
  const lines = text.split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length;) {
    const [block, next] = blockAt(lines, i, depth);
    if (block) blocks.push(block);
    i = next;
  }
  return blocks;
}

/** The block that begins in this line, and the line after it. */
function blockAt(lines: readonly string[], at: number, depth: number): [Block | undefined, number] {
  const line = lines[at]!;
  if (line.trim() === '') return [undefined, at + 1];
  const language = FENCE.exec(line)?.[1];
  if (language !== undefined) return fenceAt(lines, at + 1, language);
  if (QUOTE.test(line) && depth < MAX_DEPTH) {
    const end = endOf(lines, at, (one) => QUOTE.test(one));
    const inner = lines.slice(at, end).map((one) => QUOTE.exec(one)![1]!);
    return [{ kind: 'quote', blocks: blocksOf(inner.join('\n'), depth + 1) }, end];
  }
  if (ITEM.test(line)) return listAt(lines, at);
  const end = endOf(lines, at + 1, (one) => !begins(one, depth));
  return [{ kind: 'p', inline: inlineOf(lines.slice(at, end).join('\n')) }, end];
}

/** An unclosed fence goes on to the end: whoever wrote it meant code. */
function fenceAt(lines: readonly string[], from: number, language: string): [Block, number] {
  const end = endOf(lines, from, (one) => !/^ {0,3}```\s*$/.test(one));
  return [{ kind: 'fence', text: lines.slice(from, end).join('\n'), language }, end + 1];
}

/** Items that are numbered and those that are not make two lists. */
function listAt(lines: readonly string[], at: number): [Block, number] {
  const first = ITEM.exec(lines[at]!)!;
  const same = (one: string): boolean => {
    const item = ITEM.exec(one);
    return item !== null && (item[1] === undefined) === (first[1] === undefined);
  };
  const end = endOf(lines, at, same);
  const items = lines.slice(at, end).map((one) => inlineOf(ITEM.exec(one)![2]!));
  return [{ kind: 'list', ...(first[1] !== undefined && { start: Number(first[1]) }), items }, end];
}

const begins = (line: string, depth: number): boolean =>
  line.trim() === '' || FENCE.test(line) || ITEM.test(line) || (depth < MAX_DEPTH && QUOTE.test(line));

function endOf(lines: readonly string[], from: number, goesOn: (line: string) => boolean): number {
  let end = from;
  while (end < lines.length && goesOn(lines[end]!)) end++;
  return end;
}

const EMOJI =
  /^(?:\p{Extended_Pictographic}(?:[\uFE0F\u200D]|\p{Emoji_Modifier}|\p{Extended_Pictographic})*\s*){1,6}$/u;

/** A few emoji alone are drawn large. */
export const isEmojiAlone = (text: string): boolean => text.length <= 24 && EMOJI.test(text.trim());
