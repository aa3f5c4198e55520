import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { violations } from '../web/axe';
import { joinAs, say, visit } from '../web/browser';
import { browser, choose, openRoom, openSite, sees, site } from '../web/two-people';

beforeAll(openSite, 60_000);

const ground = (page: Page): Promise<string> =>
  page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
const DARK = 'rgb(11, 19, 21)';

/** Somebody in a room where something was said. */
async function inRoom(room: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
  const { page } = await visit(browser, site, options);
  await page.locator('input').fill('mina');
  await page.locator('input').press('Enter');
  await page.locator('textarea').waitFor();
  const field = page.getByLabel('Add a room');
  await showRooms(page);
  await field.fill(room);
  await field.press('Enter');
  await page.getByRole('heading', { name: room }).waitFor();
  await say(page, 'hello');
  await sees(page, 'hello');
  return page;
}

/** Where there is one column only. */
async function showRooms(page: Page): Promise<void> {
  const button = page.getByRole('button', { name: 'Show rooms' });
  if (await button.isVisible()) await button.click();
}

describe('page: form', () => {
  it('[PAGE-7] changes its language at a click, without a reload and without losing what was begun', async () => {
    const page = await inRoom('tongues');
    await page.locator('textarea').fill('begun');
    await page.evaluate('window.same = true');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('한국어').click();
    await page.getByRole('heading', { name: '설정' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByPlaceholder('메시지 입력').waitFor();
    expect(await page.locator('textarea').inputValue()).toBe('begun');
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
    expect(await page.locator('.message time').innerText()).toMatch(/^오[전후] /);
    expect(await page.evaluate('window.same')).toBe(true);
    await page.reload();
    await page.getByPlaceholder('메시지 입력').waitFor();
  });

  it('[PAGE-24] is dark or light as the system is, or as chosen, from the first paint on and in every tab', async () => {
    const { page } = await visit(browser, site, { colorScheme: 'dark' });
    expect(await ground(page)).toBe(DARK);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await ground(page)).not.toBe(DARK);
    await joinAs(page, 'mina');
    const other = await page.context().newPage();
    await other.goto(site.url);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('Dark').click();
    for (const tab of [page, other]) await eventually(async () => expect(await ground(tab)).toBe(DARK));
    // Also before any module has run.
    await page.route('**/assets/*.js', (route) => route.abort());
    await page.reload({ waitUntil: 'domcontentloaded' });
    expect(await page.locator('html').getAttribute('data-theme')).toBe('dark');
  });

  it('[PAGE-24] gives axe nothing to complain about', async () => {
    const { page: visitor } = await visit(browser, site, { colorScheme: 'dark', reducedMotion: 'reduce' });
    expect(await violations(visitor)).toEqual([]);
    const page = await inRoom('axe', { reducedMotion: 'reduce' });
    await choose(page, 'hello', 'React with 🎉');
    await page.locator('.reactions button').waitFor();
    await page.locator('.message').hover();
    await page.locator('.opener').click();
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Settings' }).click();
    expect(await violations(page)).toEqual([]);
  });

  it('[PAGE-25] leads through the messages by arrows, and to what can be done with one by Enter', async () => {
    const page = await inRoom('keys');
    await say(page, 'second');
    await sees(page, 'hello', 'second');
    const focused = () => page.evaluate<string>("document.activeElement.getAttribute('aria-label')");
    await page.keyboard.press('Shift+Tab');
    expect(await focused()).toBe('Messages in keys');
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toMatch(/^You, .*: second$/);
    await page.keyboard.press('ArrowUp');
    expect(await focused()).toMatch(/: hello$/);
    await page.keyboard.press('Enter');
    expect(await focused()).toMatch(/^React with/);
    await page.keyboard.press('Escape');
    expect(await focused()).toMatch(/: hello$/);
    await page.keyboard.press('r');
    await page.locator('.reply-bar').getByText('hello').waitFor();
    await eventually(async () => expect(await focused()).toBe('Message keys'));
  });

  it('[PAGE-25] lists its shortcuts behind ?, and goes from room to room', async () => {
    const page = await inRoom('short');
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByRole('heading', { name: 'lobby' }).waitFor();
    await page.keyboard.press('Alt+ArrowUp');
    await page.getByRole('heading', { name: 'short' }).waitFor();
    await page.locator('textarea').press('?');
    expect(await page.locator('textarea').inputValue()).toBe('?');
    await page.getByRole('log').focus();
    await page.keyboard.press('?');
    await page.getByRole('heading', { name: 'Keyboard shortcuts' }).waitFor();
    await page.keyboard.press('Escape');
    await eventually(async () => expect(await page.getByRole('dialog').count()).toBe(0));
    expect(await page.evaluate('document.activeElement.getAttribute("role")')).toBe('log');
  });

  it('[PAGE-26] has one column on a phone, large targets, and the field above the keyboard', async () => {
    const phone = { viewport: { width: 360, height: 640 }, hasTouch: true, isMobile: true };
    const page = await inRoom('phone', phone);
    await say(page, 'https://example.com/'.padEnd(300, 'x'));
    await eventually(async () => expect(await page.locator('.message').count()).toBe(2));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    for (const box of await boxes(page, 'main button:visible:not(.opener)'))
      expect(Math.min(box.width, box.height)).toBeGreaterThanOrEqual(44);
    // A keyboard takes the lower half of the view.
    await page.setViewportSize({ width: 360, height: 320 });
    const field = (await page.locator('textarea').boundingBox())!;
    expect(field.y + field.height).toBeLessThanOrEqual(320);
    await page.locator('.message .body').first().scrollIntoViewIfNeeded();
    await page.locator('.message .body').first().tap();
    await page.getByRole('group').getByRole('button', { name: 'Reply' }).waitFor();
  });

  it.each([
    ['zoomed', 'a zoom of 200 %', { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 }, '100%'],
    ['enlarged', 'text of twice the size', { viewport: { width: 1280, height: 800 } }, '200%'],
  ])('[PAGE-45] %s: at %s all can be read and done', async (room, _, options, fontSize) => {
    const page = await inRoom(room, options);
    await page.evaluate(`document.documentElement.style.fontSize = '${fontSize}'`);
    const { width, height } = options.viewport;
    const link = 'https://example.com/'.padEnd(300, 'x');
    await say(page, link);
    await sees(page, 'hello', link); // committed: nothing moves any more between a press and its release
    const isWhole = async (): Promise<void> => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      for (const { x, y, ...box } of await boxes(page, 'main button:visible:not(.opener), main textarea')) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x + box.width).toBeLessThanOrEqual(width);
        expect(y + box.height).toBeLessThanOrEqual(height);
      }
    };
    await isWhole();
    const log = (await page.getByRole('log').boundingBox())!;
    expect(log.height).toBeGreaterThan(height / 4);
    await choose(page, 'hello', 'Reply');
    await page.locator('.reply-bar').getByText('hello').waitFor();
    await isWhole();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: `Search in ${room}` }).click();
    await page.keyboard.type('hello');
    await page.getByRole('search').getByRole('listitem').getByRole('button').click();
    await page.locator('.marked .body').getByText('hello').waitFor();
    await isWhole();
    await showRooms(page);
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByText('Dark').click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
  });

  it('[PAGE-27] moves nothing for who wants no motion', async () => {
    const moving = 'document.getAnimations().length';
    const { page } = await visit(browser, site);
    expect(await page.evaluate(moving)).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await eventually(async () => expect(await page.evaluate(moving)).toBe(0));
  });

  it('[PAGE-28] finds a room by initial consonants, and opens it', async () => {
    const page = await inRoom('점심');
    await openRoom(page, 'another');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('ㅈㅅ');
    await eventually(async () =>
      expect(await page.getByRole('option').allInnerTexts()).toEqual([expect.stringContaining('점심')]),
    );
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: '점심' }).waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').fill('new-room');
    await page.getByRole('option', { name: 'Open the room new-room' }).click();
    await page.getByRole('heading', { name: 'new-room' }).waitFor();
  });
});

async function boxes(page: Page, selector: string) {
  const all = await page.locator(selector).all();
  return Promise.all(all.map(async (one) => (await one.boundingBox())!));
}
