import { commandOf } from '../../web/src/commands';
import { matches, unfinished } from '../../web/src/matching';
import { PreferenceStore } from '../../web/src/preferences';
import type { ShownMessage } from '../../src/client';
import { readLink, writeLink } from '../../web/src/place-link';
import { partsOf } from '../../web/src/snippet';
import { around, firstUnread, moved, windowAt } from '../../web/src/window';
import { rowsOf } from '../../web/src/rows';
import { load, save } from '../../web/src/saved';
import { spoken } from '../../web/src/words';

describe('rows', () => {
  const noon = new Date(2026, 10, 20, 12).getTime();
  const minutes = (count: number): number => noon + count * 60_000;
  const message = (name: string, at: number) => {
    const key = `${name} ${at}`;
    return { key, id: key, from: { id: name, name }, at, text: key, state: 'committed' as const };
  };

  it('[PAGE-5] group what one person says in a short time, and begin a day once', () => {
    const said = [message('mina', noon), message('mina', minutes(4)), message('jun', minutes(5))];
    const later = [message('jun', minutes(20)), message('jun', minutes(24 * 60))];
    const marks = rowsOf([...said, ...later]).map((row) =>
      [row.startsDay && 'day', row.startsGroup && 'first', row.endsGroup && 'last'].filter(Boolean).join(' '),
    );
    expect(marks).toEqual(['day first', 'last', 'first last', 'first last', 'day first last']);
  });

  it('[PAGE-17] are made of the end of a list as of the whole', () => {
    const said = [0, 1, 2, 10, 24 * 60, 24 * 60 + 1].map((at) => message('mina', minutes(at)));
    const answer = { ...message('jun', minutes(24 * 60 + 2)), replyTo: { from: 'mina', id: 'first' } };
    const all = [{ ...said[0]!, key: 'mina first', id: 'first' }, ...said.slice(1), answer];
    for (let from = 0; from <= all.length; from++) expect(rowsOf(all, from)).toEqual(rowsOf(all).slice(from));
    expect(rowsOf(all, 6)[0]!.quoted).toBe(all[0]);
  });
});

describe('what the page remembers', () => {
  const storing = (text: string | null) => {
    const storage = {
      text,
      getItem: () => storage.text,
      setItem: (_: string, to: string) => (storage.text = to),
    };
    return storage;
  };

  it('[PAGE-2] comes back as it was saved', () => {
    const storage = storing(null);
    expect(load(storage)).toEqual({ rooms: [] });
    save(storage, { name: 'mina', rooms: ['카페'], current: '카페' });
    expect(load(storage)).toEqual({ name: 'mina', rooms: ['카페'], current: '카페' });
  });

  it('[PAGE-2] counts as nothing when it is something else', () => {
    for (const text of ['{', 'null', '[]', '{"name":1,"rooms":{},"current":[]}', '{"rooms":[1]}']) {
      expect(load(storing(text))).toEqual({ rooms: [] });
    }
  });
});

describe('names', () => {
  it('[PAGE-28] are found by a part, by an unfinished syllable, and by initial consonants', () => {
    for (const typed of ['', '민', '미', 'ㅁ', 'ㅁㅇ', '민ㅇ', '민아'])
      expect(matches('김민아', typed)).toBe(true);
    for (const typed of ['MIN', ' in ']) expect(matches('Mina', typed)).toBe(true);
    for (const typed of ['ㅇㅁ', '맘', 'mia']) expect(matches('김민아 Mina', typed)).toBe(false);
    expect(['ㅈㅅ', 'ㅏ', '점심', 'a'].map(unfinished)).toEqual([true, true, false, false]);
  });
});

describe('shortcuts', () => {
  const press = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, isComposing: false };

  it('[PAGE-25] go by the place of a letter, and leave alone what is written or composed', () => {
    const korean = { ...press, key: 'ㅏ', code: 'KeyK', ctrlKey: true };
    expect(commandOf(korean, true)).toBe('switch');
    expect(commandOf({ ...korean, isComposing: true }, true)).toBeUndefined();
    expect(commandOf({ ...press, key: '?', code: 'Slash' }, false)).toBe('help');
    expect(commandOf({ ...press, key: '?', code: 'Slash' }, true)).toBeUndefined();
    expect(commandOf({ ...press, key: 'Escape', code: 'Escape' }, true)).toBe('out');
  });
});

describe('preferences', () => {
  const defaults = { language: 'en', theme: 'system', enterSends: true, notify: false, muted: [] } as const;

  it('[PAGE-24] are kept, and what was never chosen or is spoiled counts as not chosen', () => {
    const kept = new Map<string, string>();
    const memory = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    };
    new PreferenceStore(memory, defaults).set({ theme: 'dark' });
    expect(new PreferenceStore(memory, defaults).value()).toEqual({ ...defaults, theme: 'dark' });
    for (const spoiled of [
      '{',
      'null',
      '{"theme":"pink","language":7,"enterSends":"no","notify":1,"muted":"a"}',
    ]) {
      kept.set('chatfleet:preferences', spoiled);
      expect(new PreferenceStore(memory, defaults).value()).toEqual(defaults);
    }
  });

  it('[PAGE-7] begin with the first language of the browser that the page speaks', () => {
    expect(spoken(['fr', 'ko-KR', 'en'])).toBe('ko');
    expect(spoken(['EN-gb', 'ko'])).toBe('en');
    expect(spoken(['fr'])).toBe('en');
  });
});

describe('links', () => {
  it('[PAGE-31] lead to a room or to a message, and nowhere if they are spoiled', () => {
    const link = { room: '카페', at: { epoch: 'a&b=c', seq: 7 } };
    expect(readLink(writeLink(link))).toEqual(link);
    expect(readLink('#room=lobby&epoch=e&seq=-1')).toEqual({ room: 'lobby' });
    for (const hash of ['', '#', '#room=no blanks', '#seq=1', '#%']) expect(readLink(hash)).toBeUndefined();
  });
});

describe('what a search found', () => {
  it('[PAGE-32] is marked in what surrounds it, in whatever case and spelling', () => {
    const marked = (text: string, query: string): string =>
      partsOf(text, query)
        .map((part) => (part.hit ? `[${part.text}]` : part.text))
        .join('');
    expect(marked('Hello hello', 'HELLO ')).toBe('[Hello] [hello]');
    expect(marked('김치찌개'.normalize('NFD'), '찌개')).toBe('김치[찌개]');
    expect(marked(`${'x'.repeat(100)}needle`, 'needle')).toBe(`…${'x'.repeat(24)}[needle]`);
    expect(marked('text', '')).toBe('text');
  });
});

describe('the window of rows', () => {
  const messages = (count: number, from = 1): ShownMessage[] =>
    Array.from({ length: count }, (_, i) => {
      const id = `${from + i}`;
      return {
        key: id,
        id,
        from: { id: 'a', name: 'a' },
        at: 0,
        text: id,
        state: 'committed',
        seq: from + i,
      };
    });
  const all = messages(1_000);

  it('[PAGE-17] shows a bounded part, and moves through all of it', () => {
    expect(windowAt('end', all)).toEqual({ from: 760, to: 1_000 });
    let place = moved(windowAt('end', all), -1, all);
    let steps = 0;
    for (; place && windowAt(place, all).from > 0; steps++) place = moved(windowAt(place, all), -1, all);
    expect(steps).toBeLessThan(20);
    expect(moved({ from: 0, to: 240 }, -1, all)).toBeUndefined();
    expect(moved({ from: 760, to: 1_000 }, 1, all)).toBeUndefined();
    const { from, to } = windowAt(around(500, all), all);
    expect([from < 500, to > 500, to - from]).toEqual([true, true, 240]);
  });

  it('[PAGE-17] stays where it was when messages come above, or its first one is gone', () => {
    const place = { key: '300', seq: 300 };
    expect(windowAt(place, messages(1_200, -199)).from).toBe(499);
    expect(windowAt(place, messages(600, 301)).from).toBe(0);
    expect(windowAt({ key: 'gone' }, all).from).toBe(760);
  });

  it('[PAGE-29] begins with the first that is not read; what waits here does not count', () => {
    const waiting: ShownMessage = { ...all[0]!, key: 'w', state: 'sending' };
    delete waiting.seq;
    expect(firstUnread([...all, waiting], 3)?.key).toBe('998');
    expect(firstUnread(all, 0)).toBeUndefined();
    expect(firstUnread(all, 5_000)?.key).toBe('1');
  });
});
