import type { Page } from 'playwright-core';
import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { joinAs, rows, scrollTo, visit } from '../web/browser';
import { browser, openRoom, openSite, site } from '../web/two-people';

beforeAll(openSite, 60_000);

/** Keeps every shift of what is shown that nobody's click or key caused, from the first paint on. */
const OBSERVE = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput, sources } of list.getEntries())
      if (!hadRecentInput) window.shifts.push(value.toFixed(4) + ' ' + sources.map(({ node }) => node?.nodeName + '.' + node?.className));
  }).observe({ type: 'layout-shift', buffered: true });`;

/** What moved by itself, once all of it is painted and told. */
async function shifts(page: Page): Promise<string[]> {
  await page.evaluate(
    'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 100))))',
  );
  return page.evaluate<string[]>('shifts');
}

it('[PAGE-40] nothing moves by itself: while the page loads, messages come and the connection is lost', async () => {
  const { page } = await visit(browser, site);
  await page.context().addInitScript(OBSERVE);
  await page.reload();
  await page.getByLabel('Your name').waitFor();
  expect(await shifts(page)).toEqual([]);

  const mina = createChat({ url: site.url, name: 'mina' });
  onCleanup(() => mina.close());
  const still = mina.room('still');
  for (let i = 0; i < 130; i++) still.send(`message ${i} `.repeat(1 + (i % 7)));
  await eventually(
    () => expect(still.timeline().every(({ state }) => state === 'committed')).toBe(true),
    30_000,
  );
  await joinAs(page, 'jun');
  await openRoom(page, 'still');
  await page.locator('.timeline:not(.settling)').waitFor();
  // What follows a click or a key within half a second is not counted, so let that pass.
  await page.evaluate('new Promise((done) => setTimeout(done, 600))');
  await page.evaluate('shifts.length = 0');

  const count = (await rows(page)).length;
  mina.room('still').typing(true);
  await page.getByText('mina is typing').waitFor();
  for (let i = 0; i < 10; i++) still.send(`one more ${i} `.repeat(1 + (i % 5)));
  await eventually(async () => expect((await rows(page)).length).toBe(count + 10));
  expect(await shifts(page)).toEqual([]);

  await scrollTo(page, 900);
  still.send('while one reads');
  await page.locator('.jump .badge').waitFor();
  expect(await shifts(page)).toEqual([]);

  await site.cut();
  await page.getByText('Reconnecting. What you wrote is safe.').waitFor();
  await site.restore();
  await page.getByText('Connected again.').waitFor();
  await page.getByText('Connected again.').waitFor({ state: 'detached' });
  expect(await shifts(page)).toEqual([]);
}, 120_000);
