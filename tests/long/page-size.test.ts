import type { Browser, CDPSession, Page } from 'playwright-core';
import { io } from 'socket.io-client';
import { createChat, type Room } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { joinAs, rows, startBrowser, visit } from '../web/browser';
import { startSite, type Site } from '../web/site';
import { openRoom } from '../web/two-people';

const COUNT = 10_000;
/** What one frame has, ms. */
const FRAME = 1_000 / 60;

let site: Site;
let browser: Browser;
beforeAll(async () => {
  const settings = { sendsPerSecond: 20_000, sendsBurst: 20_000 };
  [site, browser] = await Promise.all([startSite(settings), startBrowser()]);
}, 60_000);

/** Many at once, over one connection: the typed client has one send in flight. */
async function fill(room: string): Promise<Room> {
  const socket = io(site.url, { auth: { name: 'filler' }, transports: ['websocket'] });
  onCleanup(() => socket.close());
  await socket.emitWithAck('join', { room });
  for (let from = 0; from < COUNT; from += 500) {
    const texts = Array.from({ length: 500 }, (_, i) => `message ${from + i} `.repeat(1 + (i % 5)));
    const answers = await Promise.all(texts.map((text) => socket.emitWithAck('sendMessage', { room, text })));
    expect(answers.filter(({ status }: { status?: string }) => status !== 'committed')).toEqual([]);
  }
  const chat = createChat({ url: site.url, name: 'writer' });
  onCleanup(() => chat.close());
  const joined = chat.room(room);
  await eventually(() => expect(joined.state.kind).toBe('joined'));
  return joined;
}

const PARTS = ['ScriptDuration', 'RecalcStyleDuration', 'LayoutDuration'];

/** The processor time that scripts, styles and layout of the page have taken so far, ms. Painting goes by the size of the view. */
async function taken(cdp: CDPSession): Promise<number> {
  const { metrics } = await cdp.send('Performance.getMetrics');
  return metrics.reduce((sum, { name, value }) => (PARTS.includes(name) ? sum + value * 1_000 : sum), 0);
}

async function loaded(room: string, epoch: string): Promise<Page> {
  const { page } = await visit(browser, site);
  await joinAs(page, 'reader');
  await openRoom(page, room);
  await page.goto(`${site.url}#room=${room}&epoch=${epoch}&seq=1`);
  await page.getByText('The conversation begins here.').waitFor({ timeout: 120_000 });
  return page;
}

it('[PAGE-17] takes less than a frame for each message, and for each step of scrolling, with 10,000 loaded', async () => {
  const writer = await fill('huge');
  const page = await loaded('huge', writer.epoch!);
  expect((await rows(page)).length).toBeLessThanOrEqual(240);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });

  // Nothing here asks the page for more than that, for looking for a row costs more than showing one.
  const frame = 'new Promise((done) => requestAnimationFrame(() => setTimeout(done)))';
  const steps = 100;
  const beforeScrolling = await taken(cdp);
  for (let i = 1; i <= steps; i++)
    await page.evaluate(`document.querySelector('[role=log]').scrollTop = ${300 * i}; ${frame}`);
  const scrolling = ((await taken(cdp)) - beforeScrolling) / steps;

  await page.getByRole('button', { name: 'Jump to latest' }).click();
  await eventually(async () => expect(await page.locator('.jump').count()).toBe(0));
  const messages = 50;
  const before = await taken(cdp);
  for (let i = 1; i <= messages; i++) {
    const id = writer.send(`one more ${i}`);
    const stored = () => expect(writer.timeline().findLast((one) => one.id === id)?.state).toBe('committed');
    await eventually(stored);
    await page.evaluate(frame);
  }
  const each = ((await taken(cdp)) - before) / messages;
  expect((await rows(page)).at(-1)).toBe(`one more ${messages} committed`);
  console.log(
    `with ${COUNT} loaded: ${each.toFixed(1)} ms a message, ${scrolling.toFixed(1)} ms a step of scrolling`,
  );
  expect(each).toBeLessThan(FRAME);
  expect(scrolling).toBeLessThan(FRAME);
}, 300_000);
