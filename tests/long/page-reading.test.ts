import type { Page } from 'playwright-core';
import { createChat, type Room } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { joinAs, rows, scrolled, visit } from '../web/browser';
import { browser, choose, openRoom, openSite, roomButton, site } from '../web/two-people';

beforeAll(openSite, 60_000);

/** Somebody without a page, who has said this in the room. */
async function writer(room: string, ...texts: string[]): Promise<Room> {
  const chat = createChat({ url: site.url, name: 'writer' });
  onCleanup(() => chat.close());
  const joined = chat.room(room);
  await sendAll(joined, texts);
  return joined;
}

async function sendAll(room: Room, texts: string[]): Promise<void> {
  texts.forEach((text) => room.send(text));
  const waiting = () => room.timeline().filter(({ state }) => state !== 'committed');
  await eventually(() => expect([room.state.kind, waiting()]).toEqual(['joined', []]), 20_000);
}

const numbered = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `message ${from + i}`);

async function reader(name: string, room: string): Promise<Page> {
  const { page } = await visit(browser, site);
  await joinAs(page, name);
  await openRoom(page, room);
  return page;
}

/** The text of the first row below the line, and how far from the top of the view that row is. */
const below = async (page: Page): Promise<[string, number]> => {
  const row = page.locator('.unread-line + .message');
  return [await row.locator('.body').innerText(), (await row.boundingBox())!.y];
};

const unread = (page: Page, room: string): Promise<string[]> =>
  roomButton(page, room).locator('.badge .hidden').allInnerTexts();

/** Somebody looks at the page from now on, or no more. */
const look = (page: Page, looks: boolean) =>
  page.evaluate(`document.hasFocus = () => ${looks}; dispatchEvent(new Event(${looks} ? 'focus' : 'blur'))`);

describe('page: reading', () => {
  it('[PAGE-29] opens at the first unread one, and counts as read what was on screen, on all pages', async () => {
    const mina = await writer('morning', ...numbered(3));
    const page = await reader('jun', 'morning');
    await eventually(async () => expect(await rows(page)).toHaveLength(3));
    await eventually(async () => expect(await unread(page, 'morning')).toEqual([]));
    await roomButton(page, 'lobby').click();
    await page.getByRole('heading', { name: 'lobby' }).waitFor();
    await sendAll(mina, numbered(60, 3));
    const second = await reader('jun', 'another');
    for (const one of [page, second]) await roomButton(one, 'morning').getByText('60 unread').waitFor();

    await roomButton(page, 'morning').click();
    await eventually(async () => {
      const [text, top] = await below(page);
      expect(text).toContain('message 3');
      expect(top).toBeLessThan(300);
    });
    expect((await scrolled(page)).fromEnd).toBeGreaterThan(300);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    const left = async (one: Page) => Number.parseInt((await unread(one, 'morning'))[0] ?? '0', 10);
    await eventually(async () => {
      const here = Number.parseInt(await page.locator('.jump .badge').innerText(), 10);
      expect(here).toBeGreaterThan(30);
      expect(here).toBeLessThan(60);
      expect(await left(second)).toBe(here);
    });
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await eventually(async () => expect(await left(second)).toBe(0));
  });

  it('[PAGE-29] begins at the end of a long room where one is new, and has read it then', async () => {
    await writer('history', ...numbered(130));
    const page = await reader('newcomer', 'history');
    await eventually(async () => expect((await rows(page)).at(-1)).toBe('message 129 committed'));
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);
    await eventually(async () => expect(await unread(page, 'history')).toEqual([]));
  });

  it('[PAGE-30] reads nothing while nobody looks', async () => {
    const mina = await writer('alone', 'before');
    const page = await reader('hana', 'alone');
    await eventually(async () => expect(await unread(page, 'alone')).toEqual([]));
    const second = await reader('hana', 'elsewhere');
    await look(page, false);
    await sendAll(mina, ['while away']);
    await roomButton(second, 'alone').getByText('1 unread').waitFor();
    await eventually(async () => expect((await below(page))[0]).toContain('while away'));
    expect(await unread(second, 'alone')).toEqual(['1 unread']);
    await look(page, true);
    await eventually(async () => expect(await unread(second, 'alone')).toEqual([]));
  });

  it('[PAGE-31] leads by an address to a message far back, and says when it is gone', async () => {
    const { epoch } = await writer('linked', ...numbered(160));
    const page = await reader('theo', 'linked');
    const link = (seq: number, of = epoch!) => `#room=linked&epoch=${of}&seq=${seq}`;
    await page.goto(`${site.url}${link(7)}`);
    await eventually(async () => {
      expect(await page.locator('.marked .body').innerText()).toBe('message 6');
      const { y } = (await page.locator('.marked').boundingBox())!;
      expect(y).toBeGreaterThan(60);
      expect(y).toBeLessThan(600);
    });
    await page.goto(`${site.url}${link(7, 'gone')}`);
    await page.getByText('This message is not there any more.').waitFor();
  });

  it('[PAGE-32] finds words of two syllables and leads to them', async () => {
    await writer('찾기', '점심은 **김치찌개** 어때요?', ...numbered(40), '저녁은 파스타');
    const page = await reader('민아', '찾기');
    await page.getByRole('button', { name: 'Search in 찾기' }).click();
    await page.keyboard.type('찌개');
    const found = page.getByRole('search').getByRole('listitem');
    await eventually(async () => expect(await found.locator('mark').allInnerTexts()).toEqual(['찌개']));
    await found.getByRole('button').click();
    await eventually(async () =>
      expect(await page.locator('.marked .body').innerText()).toContain('김치찌개'),
    );
    await page.getByRole('searchbox').fill('없는 말');
    await page.getByText('Nothing was found.').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('search').waitFor({ state: 'detached' });
  });

  it('[PAGE-43] counts a room as unread from a message on until one comes back, which is there', async () => {
    const mina = await writer('again', ...numbered(60));
    const page = await reader('sol', 'again');
    await eventually(async () => expect((await rows(page)).at(-1)).toBe('message 59 committed'));
    await eventually(async () => expect(await unread(page, 'again')).toEqual([]));
    const tab = await page.context().newPage();
    await tab.goto(site.url);
    await tab.getByRole('heading', { name: 'again' }).waitFor();
    await look(tab, false);
    await choose(page, 'message 30', 'Mark unread from here');
    await eventually(async () => expect((await below(page))[0]).toContain('message 30'));
    for (const one of [page, tab]) await roomButton(one, 'again').getByText('30 unread').waitFor();
    await eventually(async () => expect(await page.title()).toMatch(/^\(30\) /));
    // What comes meanwhile is not read either.
    await sendAll(mina, ['one more']);
    await roomButton(page, 'again').getByText('31 unread').waitFor();
    await tab.close();
    await roomButton(page, 'lobby').click();
    await page.reload();
    await roomButton(page, 'again').getByText('31 unread').waitFor();
    await roomButton(page, 'again').click();
    await eventually(async () => {
      const [text, top] = await below(page);
      expect(text).toContain('message 30');
      expect(top).toBeLessThan(300);
    });
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await eventually(async () => expect(await unread(page, 'again')).toEqual([]));
    await roomButton(page, 'lobby').click();
    await page.getByRole('heading', { name: 'lobby' }).waitFor();
    expect(await unread(page, 'again')).toEqual([]);
  });
});
