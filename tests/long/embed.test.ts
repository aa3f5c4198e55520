import type { Browser, Page } from 'playwright-core';
import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { tokenFor } from '../support/tokens';
import { rows, say, scrolled, scrollTo, startBrowser } from '../web/browser';
import { somebody, startFleetFor, startProduct, visitorOf, type Product } from '../web/host-page';
import { sees } from '../web/two-people';

let browser: Browser;
let product: Product;
let site: Awaited<ReturnType<typeof startFleetFor>>;
beforeAll(async () => {
  product = await startProduct();
  [site, browser] = await Promise.all([startFleetFor(product), startBrowser()]);
}, 60_000);

const visitor = (element: string, more = '') => visitorOf(browser, product, site.fleet, element, more);

const change = (page: Page, script: string) =>
  page.evaluate(`((element) => { ${script} })(document.querySelector('chat-room'))`);

/** The names of those who are in the room. */
function present(room: string) {
  const chat = createChat({ url: site.url, name: 'watcher' });
  onCleanup(() => chat.close());
  const watched = chat.room(room);
  watched.watchHere();
  return () => watched.here().people.map(({ name }) => name);
}

describe('a room in another product: details', () => {
  it('[EMBED-6] follows the end, keeps still what one reads, and reads older messages as one gets there', async () => {
    const jun = await somebody(site, 'jun', 'long');
    const all = Array.from({ length: 180 }, (_, i) => `message ${i}`);
    all.forEach((text) => jun.send(text));
    const done = () => expect(jun.timeline().filter(({ state }) => state !== 'committed')).toEqual([]);
    await eventually(done, 40_000);
    const { page } = await visitor('<chat-room room="long" name="mina"></chat-room>');
    await sees(page, ...all.slice(-100));
    await eventually(async () => expect((await scrolled(page)).fromEnd).toBeLessThan(2));

    await scrollTo(page, 300);
    await sees(page, ...all);
    const { top } = await scrolled(page);
    expect(top).toBeGreaterThan(600);
    jun.send('new');
    await sees(page, ...all, 'new');
    expect((await scrolled(page)).top).toBe(top);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);
    await sees(page, ...[...all, 'new'].slice(-100));
    await scrollTo(page, 900);
    await say(page, 'own');
    await eventually(async () => expect((await rows(page)).at(-1)).toBe('own committed'));
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);
  });

  it('[EMBED-6] keeps still what one reads when more come at once than are drawn', async () => {
    const jun = createChat({ url: site.servers[0].url, name: 'jun' });
    onCleanup(() => jun.close());
    const room = jun.room('burst');
    const send = async (from: number, to: number) => {
      for (let i = from; i < to; i++) room.send(`message ${i}`);
      const done = () => expect(room.timeline().filter(({ state }) => state !== 'committed')).toEqual([]);
      await eventually(done, 40_000);
    };
    await send(0, 120);
    const { page } = await visitor('<chat-room room="burst" name="mina"></chat-room>');
    await eventually(async () => expect((await rows(page)).at(-1)).toBe('message 119 committed'));
    await scrollTo(page, 900);
    await page.getByRole('button', { name: 'Jump to latest' }).waitFor();
    await site.cut();
    await send(120, 270);
    await site.restore();
    await eventually(async () => expect((await rows(page)).at(-1)).toBe('message 269 committed'), 20_000);
    expect((await rows(page))[0]).toBe('message 20 committed');
    expect((await scrolled(page)).top).toBe(900);
  }, 120_000);

  it('[EMBED-7] shows nobody what another one began', async () => {
    const [ann, bob] = [
      await tokenFor({ sub: 'ann', name: 'Ann' }),
      await tokenFor({ sub: 'bob', name: 'Bob' }),
    ];
    const again = await tokenFor({ sub: 'ann', name: 'Ann', exp: Math.floor(Date.now() / 1_000) + 5_000 });
    const { page } = await visitor(`<chat-room room="drafts" token="${ann}"></chat-room>`);
    const field = page.locator('textarea');
    const become = async (token: string) => {
      await change(page, `element.setAttribute('token', '${token}')`);
      await page.locator('[data-state=online]').waitFor();
    };
    await field.fill('begun by Ann');
    await become(again);
    await eventually(async () => expect(await field.inputValue()).toBe('begun by Ann'));
    await become(bob);
    expect(await field.inputValue()).toBe('');
    await become(ann);
    expect(await field.inputValue()).toBe('');
  });

  it('[EMBED-7] follows its attributes, keeps what was begun, stays through a move, and ends when it is taken out', async () => {
    const here = present('second');
    const { page, element } = await visitor('<chat-room room="first" name="mina"></chat-room>');
    await page.locator('textarea').fill('begun');
    await change(page, "element.setAttribute('room', 'second')");
    await page.getByPlaceholder('Message second').waitFor();
    await eventually(() => expect(here()).toEqual(['mina', 'watcher']));
    expect(await page.locator('textarea').inputValue()).toBe('');
    await change(page, "element.setAttribute('room', 'first')");
    await page.getByPlaceholder('Message first').waitFor();
    expect(await page.locator('textarea').inputValue()).toBe('begun');

    await change(page, "element.setAttribute('lang', 'ko')");
    await page.getByPlaceholder('메시지 입력').waitFor();
    expect(await page.locator('textarea').inputValue()).toBe('begun');
    await change(page, "element.setAttribute('room', 'no blanks')");
    await page.getByRole('alert').waitFor();
    await change(page, "element.setAttribute('room', 'second'); element.setAttribute('name', '민아')");
    await eventually(() => expect(here()).toEqual(['watcher', '민아']));

    await change(page, 'window.inside = element.shadowRoot.firstChild; document.body.prepend(element)');
    await say(page, 'moved');
    await sees(page, 'moved');
    expect(await change(page, 'return element.shadowRoot.firstChild === window.inside')).toBe(true);
    await change(page, 'window.kept = element; element.remove()');
    await eventually(() => expect(here()).toEqual(['watcher']));
    await page.evaluate('document.body.append(window.kept)');
    await sees(page, 'moved');
    expect(await element.locator('section').count()).toBe(1);
  });

  it('[EMBED-8] neither takes styles of the page nor gives any to it', async () => {
    const product2 = '<p class="message own">mine</p><chat-room room="styles" name="mina"></chat-room>';
    const { page } = await visitor(product2);
    await say(page, 'hello');
    await sees(page, 'hello');
    const look = () =>
      page.evaluate<string[]>(`(() => {
        const { color, fontSize, textTransform, letterSpacing } = getComputedStyle(
          document.querySelector('chat-room').shadowRoot.querySelector('.own .body'));
        const outside = getComputedStyle(document.querySelector('p.message'));
        return [color, fontSize, textTransform, letterSpacing, outside.display, outside.alignItems];
      })()`);
    const before = await look();
    expect(before.slice(-2)).toEqual(['block', 'normal']);
    await page.evaluate(`(() => {
      const style = new CSSStyleSheet();
      style.replaceSync('html { font-size: 30px } * { color: red !important; font-size: 30px !important;' +
        ' text-transform: uppercase !important; letter-spacing: 9px !important } .body { color: blue !important }');
      document.adoptedStyleSheets = [style];
    })()`);
    expect((await look()).slice(0, 4)).toEqual(before.slice(0, 4));
    const ground = () =>
      page.evaluate<string>(
        "getComputedStyle(document.querySelector('chat-room').shadowRoot.querySelector('.room')).backgroundColor",
      );
    expect(await ground()).toBe('rgb(255, 255, 255)');
    await page.evaluate("document.documentElement.style.colorScheme = 'dark'");
    expect(await ground()).toBe('rgb(17, 25, 28)');
  });

  it('[EMBED-9] signs in by a token, or by a function that is asked for one', async () => {
    const here = present('signed');
    const token = await tokenFor({ name: 'Ann' });
    const { page } = await visitor(`<chat-room room="signed" token="${token}"></chat-room>`);
    await eventually(() => expect(here()).toEqual(['Ann', 'watcher']));
    const other = await tokenFor({ sub: 'bob', name: 'Bob' });
    await change(
      page,
      `window.asked = 0; element.token = async () => { window.asked++; return '${other}'; }`,
    );
    await eventually(() => expect(here()).toEqual(['Bob', 'watcher']));
    expect(await page.evaluate('window.asked')).toBe(1);
    // As a framework does it at each drawing: the connection stays, and the newest is asked next.
    await change(
      page,
      `window.inside = element.shadowRoot.firstChild; element.token = async () => { window.newer = true; return '${other}'; }`,
    );
    await change(page, 'element.token = element.token');
    await change(page, 'return new Promise((later) => setTimeout(later))');
    expect(await change(page, 'return element.shadowRoot.firstChild === window.inside')).toBe(true);
    await site.cut();
    await site.restore();
    await eventually(async () => expect(await page.evaluate('window.newer')).toBe(true), 20_000);
    await change(page, "element.token = 'forged'");
    await page.getByText('Your session has expired.').waitFor();
  });
});
