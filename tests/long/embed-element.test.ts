import type { Browser, Page } from 'playwright-core';
import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { tokenFor } from '../support/tokens';
import { violations } from '../web/axe';
import { rows, say, startBrowser } from '../web/browser';
import {
  examples,
  open,
  pageWith,
  somebody,
  startFleetFor,
  startProduct,
  visitorOf,
  type Product,
} from '../web/host-page';
import { sees, shows } from '../web/two-people';

let browser: Browser;
let product: Product;
let site: Awaited<ReturnType<typeof startFleetFor>>;
beforeAll(async () => {
  product = await startProduct();
  [site, browser] = await Promise.all([startFleetFor(product), startBrowser()]);
}, 60_000);

/** Somebody on a page with the element in this room. */
const visitor = (room: string, more = '') =>
  visitorOf(browser, product, site.fleet, `<chat-room room="${room}" name="mina"></chat-room>`, more);

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
    await page.keyboard.press('Escape');
    expect(await page.evaluate<string[]>('pressed.filter((key) => key !== "Tab")')).toEqual(['Escape']);
    expect(await violations(page)).toEqual([]);
    expect(await page.locator('section').getAttribute('lang')).toBe('en');
    await page.emulateMedia({ colorScheme: 'dark' });
    await darken(page);
    expect(await violations(page)).toEqual([]);
  });
});

describe('a room in another product: what is refused, read, and asked for', () => {
  it('[EMBED-5] sends a refused message again, takes it back and lets it go by keyboard', async () => {
    const { page } = await visitor('by-hand');
    const reach = (label: string) =>
      eventually(async () => {
        await page.keyboard.press('Tab');
        const focused = `(({ ariaLabel, textContent }) => ariaLabel ?? textContent)(document.querySelector('chat-room').shadowRoot.activeElement ?? {})`;
        expect(await page.evaluate(focused)).toBe(label);
      });
    const failed = () => shows(page, '\u200b failed');
    await reach('Message by-hand');
    await page.keyboard.insertText('\u200b');
    await page.keyboard.press('Enter');
    await failed();
    await reach('Retry');
    await page.keyboard.press('Enter');
    await failed();
    await reach('Edit');
    await page.keyboard.press('Enter');
    expect(await page.locator('textarea').inputValue()).toBe('\u200b');
    await page.keyboard.press('Enter');
    await failed();
    await reach('Delete');
    await page.keyboard.press('Enter');
    await shows(page);
  });

  it('[EMBED-4] says how long a text is that is too long, and keeps it', async () => {
    const { page } = await visitor('length');
    await say(page, 'x'.repeat(4_001));
    await page.getByText('4001 / 4000').waitFor();
    expect(await page.locator('textarea').inputValue()).toHaveLength(4_001);
    await page.locator('textarea').press('Backspace');
    await page.locator('textarea').press('Enter');
    await sees(page, 'x'.repeat(4_000));
    expect(await page.locator('output').isVisible()).toBe(false);
  });

  it('[EMBED-13] what was never in view is not read', async () => {
    const token = await tokenFor({ sub: 'rhea', name: 'Rhea' });
    const own = createChat({ url: site.url, token });
    onCleanup(() => own.close());
    const room = own.room('seen');
    product.show(pageWith(`<chat-room room="seen" token="${token}"></chat-room>`, site.fleet), site.fleet);
    const { page } = await open(browser, product);
    const jun = await somebody(site, 'jun', 'seen');
    jun.send('one');
    await sees(page, 'one');
    await page.bringToFront();
    await eventually(() => expect(room.read).toBe(1));
    const hides = ["style.paddingTop = '3000px'", "style.visibility = 'hidden'"];
    const shown = [
      "style.paddingTop = ''",
      "style.visibility = ''; window.dispatchEvent(new Event('focus'))",
    ];
    for (const [i, hide] of hides.entries()) {
      await page.evaluate(`document.body.${hide}`);
      jun.send('more');
      await eventually(async () => expect(await rows(page)).toHaveLength(i + 2));
      // Servers are told once a second, so this long nothing is still on its way.
      await page.waitForTimeout(1_500);
      expect(room.read).toBe(i + 1);
      await page.evaluate(`document.body.${shown[i]}`);
      await eventually(() => expect(room.read).toBe(i + 2));
    }
  });

  it('[EMBED-9] [EMBED-11] signs in by the function of the manual', async () => {
    const { page } = await visitor('manual');
    const body = await tokenFor({ sub: 'ann', name: 'Ann of the shop' });
    await page.route('**/chat-token', (route) => route.fulfill({ body }));
    const example = examples('js', site.fleet).find((one) => one.includes('.token = '))!;
    await page.evaluate(`${example}; undefined`);
    await say(page, 'hello');
    await sees(page, 'hello');
    const jun = await somebody(site, 'jun', 'manual');
    await eventually(() => expect(jun.timeline().map(({ from }) => from.name)).toEqual(['Ann of the shop']));
  });
});

/** As a product that has a dark form does it. */
const darken = (page: Page) => page.evaluate("document.documentElement.style.colorScheme = 'dark'");
