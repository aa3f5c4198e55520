import type { Browser, Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { violations } from './axe';
import { rows, say, startBrowser } from './browser';
import { examples, open, pageWith, somebody, startFleetFor, startProduct, type Product } from './host-page';
import { sees, shows } from './two-people';

let browser: Browser;
let product: Product;
let site: Awaited<ReturnType<typeof startFleetFor>>;
beforeAll(async () => {
  product = await startProduct();
  [site, browser] = await Promise.all([startFleetFor(product), startBrowser()]);
}, 60_000);

/** Somebody on a page with the element in this room. */
async function visitor(room: string, more = '') {
  product.show(pageWith(`<chat-room room="${room}" name="mina"></chat-room>`, site.fleet, more), site.fleet);
  const guest = await open(browser, product);
  await guest.page.locator('[data-state=online]').waitFor();
  return guest;
}

describe('a room in another product', () => {
  it('[EMBED-1] [EMBED-11] chats by the 12 lines of the manual, from another origin, without a cookie', async () => {
    const [example] = examples('html', site.fleet);
    expect(example!.trim().split('\n')).toHaveLength(12);
    product.show(example!, site.fleet);
    const { page, complaints, element } = await open(browser, product);
    const jun = await somebody(site, 'jun', 'lobby');
    jun.send('hello');
    await sees(page, 'hello');
    await say(page, 'hello jun');
    await eventually(() => expect(jun.timeline().map(({ text }) => text)).toEqual(['hello', 'hello jun']));
    expect(jun.timeline()[1]!.from.name).toBe('Ann');
    await sees(page, 'hello', 'hello jun');
    expect(await page.context().cookies()).toEqual([]);
    expect(await element.locator('iframe').count()).toBe(0);
    expect(complaints).toEqual([]);
  });

  it('[EMBED-1] lets pages read the script, and no page of the fleet', async () => {
    const readers = async (path: string) =>
      (await fetch(`${site.url}${path}`)).headers.get('access-control-allow-origin');
    expect([await readers('embed/chat-room.js'), await readers('')]).toEqual(['*', null]);
  });

  it('[EMBED-2] gets no connection from an origin that is not allowed, and says what to allow', async () => {
    const stranger = await startProduct('127.0.0.1');
    stranger.show(pageWith('<chat-room name="eve"></chat-room>', site.fleet), site.fleet);
    const { page, warnings, element } = await open(browser, stranger);
    await eventually(() =>
      expect(warnings.join()).toContain(`ALLOWED_ORIGINS has to name ${stranger.origin}`),
    );
    expect(await element.locator('section').getAttribute('data-state')).toBe('connecting');
    await say(page, 'let me in');
    await shows(page, 'let me in sending');
  });

  it('[EMBED-3] shows text as text, marks as they are meant, and honest links', async () => {
    const { page, element } = await visitor('text');
    const jun = await somebody(site, 'jun', 'text');
    jun.send(
      '<img src=x onerror=alert(1)> &amp; **JWT(토큰)**을 `code` javascript:alert(1) https://example.com/a',
    );
    await eventually(async () => expect(await rows(page)).toHaveLength(1));
    expect(await rows(page)).toEqual([
      '<img src=x onerror=alert(1)> &amp; JWT(토큰)을 code javascript:alert(1) https://example.com/a committed',
    ]);
    expect(await element.locator('strong').allInnerTexts()).toEqual(['JWT(토큰)']);
    expect(await element.locator('img').count()).toBe(0);
    const links = element.locator('a');
    expect(await links.count()).toBe(1);
    expect(await links.getAttribute('href')).toBe('https://example.com/a');
    expect(await links.getAttribute('rel')).toContain('noopener');
  });

  it('[EMBED-4] shows what is pending, keeps it over a loss, and lets go of what is refused', async () => {
    const { page } = await visitor('pending');
    await say(page, 'before');
    await sees(page, 'before');
    await site.cut();
    await say(page, 'meanwhile');
    await shows(page, 'before committed', 'meanwhile sending');
    await page.getByText('Reconnecting. What you wrote is safe.').waitFor();
    await site.restore();
    await sees(page, 'before', 'meanwhile');
    await say(page, '\u200b');
    const failed = () => eventually(async () => expect((await rows(page)).at(-1)).toBe('\u200b failed'));
    await failed();
    await page.getByRole('button', { name: 'Retry' }).click();
    await failed();
    await page.getByRole('button', { name: 'Edit' }).click();
    expect(await page.locator('textarea').inputValue()).toBe('\u200b');
    await page.locator('textarea').press('Enter');
    await failed();
    await page.getByRole('button', { name: 'Delete' }).click();
    await sees(page, 'before', 'meanwhile');
  });

  it('[EMBED-5] sends with the one Enter that commits a syllable of Hangul', async () => {
    const { page } = await visitor('한글');
    const cdp = await page.context().newCDPSession(page);
    await page.locator('textarea').focus();
    await cdp.send('Input.insertText', { text: '안녕하세' });
    await cdp.send('Input.imeSetComposition', { text: '요', selectionStart: 1, selectionEnd: 1 });
    await page.keyboard.down('Enter');
    expect(await rows(page)).toEqual([]);
    await cdp.send('Input.insertText', { text: '요' });
    await page.keyboard.up('Enter');
    await sees(page, '안녕하세요');
    expect(await page.locator('textarea').inputValue()).toBe('');
  });

  it('[EMBED-5] is used by keyboard, without the shortcuts of the page, and gives axe nothing to complain about', async () => {
    const { page } = await visitor('keys');
    await page.evaluate('window.pressed = []; addEventListener("keydown", ({ key }) => pressed.push(key))');
    const focused = () =>
      page.evaluate<string>("document.querySelector('chat-room').shadowRoot.activeElement.ariaLabel");
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Messages in keys');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Message keys');
    await page.keyboard.type('/?');
    await page.keyboard.press('Enter');
    await sees(page, '/?');
    expect(await focused()).toBe('Message keys');
    expect(await page.evaluate<string[]>('pressed.filter((key) => key !== "Tab")')).toEqual([]);
    expect(await violations(page)).toEqual([]);
    await page.emulateMedia({ colorScheme: 'dark' });
    await darken(page);
    expect(await violations(page)).toEqual([]);
  });
});

/** As a product that has a dark form does it. */
const darken = (page: Page) => page.evaluate("document.documentElement.style.colorScheme = 'dark'");
