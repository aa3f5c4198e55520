import { tokensOf } from '../../web/src/highlight';
import { languageOf } from '../../web/src/language';
import fc from 'fast-check';
import { Drafts } from '../../web/src/drafts';
import { EnterKey, meansSend } from '../../web/src/enter';
import { blocksOf, isEmojiAlone, type Block } from '../../web/src/markdown';
import type { Inline } from '../../web/src/markdown-inline';
import { Marks, withMarks } from '../../web/src/marks';
import { begunAt, chosen, mentionsIn, offered } from '../../web/src/mentions';
import { MemoryStorage } from '../support/memory-storage';

type Step = [kind: string, event?: object];

const key = (more: object = {}): Step => [
  'keydown',
  { key: 'Enter', code: 'Enter', keyCode: 13, isComposing: false, ...more },
];
const compose = (text: string): Step[] => [['compositionstart'], ['compositionupdate', { data: text }]];
const ends = (text: string): Step => ['compositionend', { data: text }];
const TASK: Step = ['task'];
const up = (name: string): Step => ['keyup', { key: name, code: name, keyCode: name === 'Enter' ? 13 : 65 }];
const UP = up('Enter');

/** Plays events in the order of a browser; says how often it acted, and which Enter keys were left to the input method. */
function play(...steps: Step[]): { acted: number; left: number } {
  const result = { acted: 0, left: 0 };
  const tasks: (() => void)[] = [];
  const enter = new EnterKey(
    () => result.acted++,
    ({ shiftKey }) => !shiftKey,
    (then) => void tasks.push(then),
  );
  for (const [kind, event] of steps) {
    if (kind === 'task') tasks.splice(0).forEach((task) => task());
    else {
      let prevented = false;
      const whole = { ...event, preventDefault: () => (prevented = true) };
      (enter as unknown as Record<string, (event: object) => void>)[kind]!(whole);
      if (kind === 'keydown' && !prevented) result.left++;
    }
  }
  return result;
}

describe('the Enter key', () => {
  it('[PAGE-6] means send, or a new line, as one chose', () => {
    const bare = { shiftKey: false, ctrlKey: false, metaKey: false };
    const both = (press: object): boolean[] =>
      [true, false].map((chosen) => meansSend({ ...bare, ...press }, chosen));
    expect(both({})).toEqual([true, false]);
    expect(both({ shiftKey: true })).toEqual([false, false]);
    expect(both({ ctrlKey: true })).toEqual([true, true]);
    expect(both({ metaKey: true })).toEqual([true, true]);
  });

  const syllable = compose('요');

  it('[PAGE-6] acts once, and with Shift not at all', () => {
    expect(play(key(), UP, TASK)).toEqual({ acted: 1, left: 0 });
    expect(play(key(), key({ repeat: true }), UP)).toEqual({ acted: 1, left: 0 });
    expect(play(key({ shiftKey: true }), UP)).toEqual({ acted: 0, left: 1 });
  });

  it('[PAGE-6] [PAGE-33] commits a syllable and acts once, in the order of Chrome', () => {
    const chrome = [...syllable, key({ keyCode: 229, isComposing: true }), ends('요')];
    expect(play(...chrome)).toEqual({ acted: 0, left: 0 });
    expect(play(...chrome, TASK, UP)).toEqual({ acted: 1, left: 0 });
  });

  it('[PAGE-33] in the order of Safari, which ends the composition first', () => {
    expect(play(...syllable, ends('요'), key({ keyCode: 229 }), TASK, TASK, UP)).toEqual({
      acted: 1,
      left: 0,
    });
    expect(play(...syllable, ends('요'), TASK, key({ keyCode: 229 }), TASK, UP)).toEqual({
      acted: 1,
      left: 0,
    });
  });

  it('[PAGE-33] in the order of Windows, where the true Enter follows, before or after the task', () => {
    const windows = [...syllable, key({ key: 'Process', keyCode: 229, isComposing: true }), ends('요')];
    expect(play(...windows, key(), TASK, UP)).toEqual({ acted: 1, left: 0 });
    expect(play(...windows, TASK, key(), UP, TASK)).toEqual({ acted: 1, left: 0 });
  });

  it('[PAGE-33] acts again for the next Enter', () => {
    const once = [...syllable, key({ keyCode: 229, isComposing: true }), ends('요'), TASK, UP];
    expect(play(...once, ...once, key(), UP, TASK)).toEqual({ acted: 3, left: 0 });
  });

  it('[PAGE-33] acts once for each Enter of who types fast: the key is up before the syllable is committed', () => {
    const fast = [...syllable, key({ keyCode: 229, isComposing: true }), ends('요'), UP, TASK];
    expect(play(...fast, ...fast, key(), UP, TASK)).toEqual({ acted: 3, left: 0 });
    expect(play(...syllable, ends('요'), key(), UP, TASK, key(), UP)).toEqual({ acted: 2, left: 0 });
    // The key of the letter before is let go of only now, and the true Enter of Windows follows.
    const process = key({ key: 'Process', keyCode: 229, isComposing: true });
    expect(play(...syllable, process, ends('요'), up('a'), TASK, key(), UP)).toEqual({ acted: 1, left: 0 });
    expect(play(...syllable, process, ends('요'), TASK, up('a'), key(), UP)).toEqual({ acted: 1, left: 0 });
  });

  it('[PAGE-6] acts again after Cmd and Enter, of which macOS tells only that Cmd went up', () => {
    const command = [key({ metaKey: true }), up('Meta')];
    expect(play(...command, ...command, key(), UP)).toEqual({ acted: 3, left: 0 });
  });

  it('[PAGE-33] belongs to the input method of other scripts', () => {
    for (const text of ['にほん', 'nihon', '你好', 'ni hao', '']) {
      const order = [...compose(text), key({ keyCode: 229, isComposing: true }), ends(text), TASK, UP];
      expect(play(...order)).toEqual({ acted: 0, left: 1 });
      expect(play(...compose(text), ends(text), key({ keyCode: 229 }), TASK, UP)).toEqual({
        acted: 0,
        left: 1,
      });
    }
  });
});

/** Pieces in a short way to write them: `<strong>`, and so on. */
const inline = (pieces: Inline[]): string =>
  pieces
    .map((piece) =>
      'inline' in piece
        ? `<${piece.kind}>${inline(piece.inline)}</>`
        : piece.kind === 'text'
          ? piece.text
          : `<${piece.kind}>${piece.text}</>`,
    )
    .join('');
const block = (one: Block): string => {
  if (one.kind === 'p') return inline(one.inline);
  if (one.kind === 'fence') return `[${one.language}]${one.text}`;
  if (one.kind === 'quote') return `> ${one.blocks.map(block).join('|')}`;
  return `${one.start ?? '-'} ${one.items.map(inline).join('|')}`;
};
const read = (text: string): string => blocksOf(text).map(block).join(' ¶ ');

describe('Markdown', () => {
  it.each([
    ['**JWT(토큰)**을', '<strong>JWT(토큰)</>을'],
    ['**"말"**이라고 *했어요*.', '<strong>"말"</>이라고 <em>했어요</>.'],
    ['***both*** ~~no~~', '<strong><em>both</></> <s>no</>'],
    ['snake_case_name _yes_ 2 * 3 * 4 ** **', 'snake_case_name <em>yes</> 2 * 3 * 4 ** **'],
    ['`**code**` ``a`b`` `open', '<code>**code**</> <code>a`b</> `open'],
    ['**a `**` b**', '<strong>a <code>**</> b</>'],
    ['\\*not\\* <b>&amp;</b>', '*not* <b>&amp;</b>'],
    ['one\ntwo\n\nthree', 'one\ntwo ¶ three'],
    ['- a\n* **b**\n1. c\n2) d', '- a|<strong>b</> ¶ 1 c|d'],
    ['> said\n> > more\nanswer', '> said|> more ¶ answer'],
    ['```ts\nlet a\n\n*b*\n```\nafter', '[ts]let a\n\n*b* ¶ after'],
    ['```\nnever closed', '[]never closed'],
  ])('[PAGE-34] reads %j', (text, pieces) => expect(read(text)).toBe(pieces));

  it.each([
    ['see https://example.com/a_b_c.', 'see <link>https://example.com/a_b_c</>.'],
    ['(https://example.com/x_(y))', '(<link>https://example.com/x_(y)</>)'],
    ['https://example.com/plan을 봐요', '<link>https://example.com/plan</>을 봐요'],
    ['https://ko.wikipedia.org/wiki/한국어', '<link>https://ko.wikipedia.org/wiki/한국어</>'],
    ['**https://example.com**', '<strong><link>https://example.com</></>'],
    ['[bank](https://evil.example)', '[bank](<link>https://evil.example</>)'],
    ['javascript:alert(1) http:// data:text/html,x', 'javascript:alert(1) http:// data:text/html,x'],
  ])('[PAGE-34] makes honest links of %j', (text, pieces) => expect(read(text)).toBe(pieces));

  it('[PAGE-34] loses no letter of any text, and takes no time that grows beyond it', () => {
    const marks = fc.constantFrom(
      '**',
      '*',
      '_',
      '~~',
      '`',
      '```',
      '\n',
      '> ',
      '- ',
      '\\',
      ' ',
      'a',
      '가',
      'http://x.y/',
    );
    const text = fc
      .array(fc.oneof(marks, fc.string({ unit: 'grapheme' })), { maxLength: 60 })
      .map((parts) => parts.join(''));
    const letters = (of: string): string => of.replace(/[^\p{L}\p{N}]/gu, '');
    const words = (of: string): string => letters(read(of).replace(/<(strong|em|s|code|link)>|<\/>/g, ''));
    fc.assert(
      fc.property(text, (of) => {
        const fence = /```[^\s`]+/.test(of);
        const numbered = /\d[.)]/.test(of);
        if (!fence && !numbered) expect(words(of)).toBe(letters(of));
        else read(of);
      }),
    );
    for (const part of ['*', '**a', '_a', '`', '~~', '> ', '[', 'http://', '\\'])
      read(part.repeat(Math.ceil(4_000 / part.length)));
  });

  it('[PAGE-34] knows a few emoji alone', () => {
    expect(['👍', '👍🏽 🎉', '👩‍👩‍👧'].map(isEmojiAlone)).toEqual([true, true, true]);
    expect(['👍!', 'a', '', '1'].map(isEmojiAlone)).toEqual([false, false, false, false]);
  });
});

describe('mentions', () => {
  const names = ['민수', '민수진', 'Jun'];

  it('[PAGE-35] are a name after an @, with a particle or not', () => {
    expect(mentionsIn('@민수님이 @민수진, a@Jun @no', names)).toEqual([
      { text: '@민수', name: '민수' },
      { text: '님이 ' },
      { text: '@민수진', name: '민수진' },
      { text: ', a@Jun @no' },
    ]);
  });

  it('[PAGE-35] are found while a syllable is composed, and put in without a blank', () => {
    expect(begunAt('hi @민ㅅ', 6)).toEqual({ at: 3, typed: '민ㅅ' });
    expect(offered(names, '민ㅅ')).toEqual(['민수', '민수진']);
    expect(offered(names, 'ㅁㅅㅈ')).toEqual(['민수진']);
    expect(begunAt('a@b', 3)).toBeUndefined();
    expect(begunAt('@a b', 4)).toBeUndefined();
    expect(chosen('hi @미 봐', { at: 3, typed: '미' }, '민수')).toEqual({ text: 'hi @민수 봐', cursor: 6 });
  });
});

describe('drafts', () => {
  it('[PAGE-22] are kept for each room over a reload, until they are sent or somebody else comes', () => {
    const storage = new MemoryStorage();
    const drafts = new Drafts(storage);
    drafts.set('a', 'begun');
    drafts.set('b', 'other');
    drafts.set('b', '');
    const again = new Drafts(storage);
    expect([again.get('a'), again.get('b'), again.get('c')]).toEqual(['begun', '', '']);
    again.clear();
    expect(new Drafts(storage).get('a')).toBe('');
  });
});

describe('marks', () => {
  it('[PAGE-43] count beside what is unread, in every tab, until the log of the room begins anew', () => {
    const storage = new MemoryStorage();
    const [marks, tab] = [new Marks(storage), new Marks(storage)];
    const rows = [
      { room: 'a', unread: 2 },
      { room: 'b', unread: 1 },
    ];
    expect(withMarks(rows, marks.all())).toBe(rows);
    marks.set('a', { epoch: 'one', seq: 7, read: 5 });
    storage.setItem('chatfleet:unread:b', '{"epoch":1}');
    tab.readAgain('chatfleet:unread:a');
    expect(withMarks(rows, tab.all())).toEqual([
      { room: 'a', unread: 7 },
      { room: 'b', unread: 1 },
    ]);
    expect(tab.of({ name: 'a', epoch: 'one' })).toMatchObject({ seq: 7 });
    expect(tab.of({ name: 'a', epoch: 'two' })).toBeUndefined();
    tab.remove('a');
    marks.readAgain(null);
    expect(marks.all().size).toBe(0);
  });
});

describe('code', () => {
  const kinds = (code: string, language: string) =>
    tokensOf(code, language).flatMap(({ text, kind }) => (kind ? [`${kind} ${text}`] : []));

  it('[PAGE-41] is coloured by the rules of its language', () => {
    expect(kinds('const a = "x // y"; // why', 'ts')).toEqual([
      'keyword const',
      'string "x // y"',
      'comment // why',
    ]);
    expect(kinds("def f(x): return 'a#b' # 42", 'Python')).toEqual([
      'keyword def',
      'keyword return',
      "string 'a#b'",
      'comment # 42',
    ]);
    expect(kinds('SELECT 1.5 -- one', 'sql')).toEqual(['keyword SELECT', 'number 1.5', 'comment -- one']);
    expect(kinds('/* open', 'css')).toEqual(['comment /* open']);
    expect(kinds('const a = 1', '')).toEqual([]);
    expect(kinds('const a = 1', 'constructor')).toEqual([]);
  });

  it('[PAGE-41] loses nothing, whatever it is', () => {
    const pieces = fc.constantFrom(
      '"',
      "'",
      '`',
      '//',
      '/*',
      '*/',
      '#',
      '--',
      '\\',
      '\n',
      'if',
      '한',
      '1e5',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(pieces), fc.constantFrom('js', 'py', 'sql', 'none'), (parts, language) => {
        const code = parts.join('');
        expect(
          tokensOf(code, language)
            .map(({ text }) => text)
            .join(''),
        ).toBe(code);
      }),
    );
  });

  it('[PAGE-41] texts say their language when their letters tell it', () => {
    expect(['안녕 hello', 'ㅋㅋ', 'こんにちは', 'hello', '你好'].map(languageOf)).toEqual([
      'ko',
      'ko',
      'ja',
      undefined,
      undefined,
    ]);
  });
});
