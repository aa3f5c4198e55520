export interface Token {
  text: string;
  kind?: 'comment' | 'string' | 'number' | 'keyword';
}

const SLASHES = String.raw`\/\/.*|\/\*[^]*?(?:\*\/|$)`;
const comments: Record<string, string> = { '#': '#.*', '/': SLASHES, '-': '--.*' };
const families: Record<string, string> = {
  '#': 'py python sh bash zsh shell rb ruby yaml yml toml ini conf nginx dockerfile makefile r perl',
  '/': 'js javascript jsx mjs ts typescript tsx java kt kotlin c h cpp cc cs go rs rust swift php scala dart css scss json jsonc',
  '-': 'sql lua hs haskell',
};
const styleOf = new Map(
  Object.entries(families).flatMap(([mark, names]) =>
    names.split(' ').map((name) => [name, comments[mark]!]),
  ),
);

const KEYWORDS = new Set(
  (
    'abstract and as async await begin break case catch class const continue def default delete do done echo elif else elsif end ' +
    'enum esac except export extends false fi final finally fn for from func function if impl implements import in ' +
    'insert interface into is let local match mut namespace new nil not null None of or package pass private protected ' +
    'pub public raise return self select set static struct super switch table then this throw trait true True False try type ' +
    'typeof undefined union update use using val values var void when where while with yield order group by join on'
  ).split(' '),
);

/**
 * The parts of code that are set off by colour. Only of a language that is named and known: a guess would colour
 * wrongly. One rule serves all of a family; nothing of the text is lost.
 */
export function tokensOf(code: string, language: string): Token[] {
  const style = styleOf.get(language.toLowerCase());
  if (style === undefined) return [{ text: code }];
  const parts = String.raw`(?<comment>${style})|(?<string>"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|\`[^\`]*\`?)|(?<number>\b\d[\w.]*)|(?<word>[A-Za-z_]\w*)`;
  const tokens: Token[] = [];
  let end = 0;
  for (const { 0: text, index, groups = {} } of code.matchAll(new RegExp(parts, 'g'))) {
    const kind = kindOf(groups, text, language);
    if (!kind) continue;
    if (index > end) tokens.push({ text: code.slice(end, index) });
    tokens.push({ text, kind });
    end = index + text.length;
  }
  if (end < code.length) tokens.push({ text: code.slice(end) });
  return tokens;
}

function kindOf(groups: Record<string, string | undefined>, text: string, language: string): Token['kind'] {
  if (groups['comment'] !== undefined) return 'comment';
  if (groups['string'] !== undefined) return 'string';
  if (groups['number'] !== undefined) return 'number';
  // SQL is written in either case.
  return KEYWORDS.has(language.toLowerCase() === 'sql' ? text.toLowerCase() : text) ? 'keyword' : undefined;
}
