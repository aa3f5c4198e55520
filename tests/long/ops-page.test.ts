import type { Browser, Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { enter, named } from '../support/person';
import { violations } from '../web/axe';
import { startBrowser, visit } from '../web/browser';
import { startOpsSite, type OpsSite } from '../web/ops-site';

let site: OpsSite;
let browser: Browser;

beforeAll(async () => {
  [site, browser] = await Promise.all([startOpsSite(), startBrowser()]);
}, 90_000);

const open = (options = {}) => visit(browser, site, { viewport: { width: 1280, height: 900 }, ...options });
const cells = (page: Page, server: string) =>
  page.getByRole('row', { name: server }).locator('td').allInnerTexts();
const chartOf = (page: Page, title: string) =>
  page.locator('figure svg[role=img]').and(page.getByLabel(title));

test('[OPS-6] [OPS-9] the page shows every server again and again, breaks no rule and asks nobody else', async () => {
  const { page, complaints, origins } = await open();
  const [first, second] = site.servers;
  await page.getByText('2 servers, 0 connections. All is well.').waitFor();
  const ann = await enter(first, named('ann'));
  await enter(second, named('ben'));
  await page.getByText('2 servers, 2 connections. All is well.').waitFor();
  await eventually(async () => {
    await ann.say('lobby', 'hello');
    const [state, connections, calls, deliveries] = await cells(page, first.name);
    expect([state, connections, calls === '0/s', deliveries === '0/s']).toEqual(['ok', '1', false, false]);
  });
  await page.getByText('Answers').locator('xpath=..').getByText('yes').waitFor();
  site.redis.freeze();
  await page.getByText('Redis does not answer').waitFor();
  site.redis.thaw();
  await page.getByText('All is well.').waitFor({ timeout: 20_000 });
  await page.route('**/ops/live', (route) => route.abort());
  await page.getByRole('alert').getByText('The monitor does not answer.').waitFor();
  await page.unroute('**/ops/live');
  await eventually(async () => expect(await page.getByRole('alert').count()).toBe(0));
  expect([...origins]).toEqual([new URL(site.url).host]);
  expect(complaints.filter((said) => !said.includes('net::ERR_FAILED'))).toEqual([]);
});

test('[OPS-7] it shows hour, day and week as charts and as figures, with freezes, restarts and deploys marked', async () => {
  const { page } = await open();
  const marks = (kind: string) => chartOf(page, 'Calls a second').locator(`.marked.${kind}`);
  await chartOf(page, 'Calls a second').locator('polyline').first().waitFor();
  expect(await marks('deploy').count()).toBeGreaterThan(0);
  expect(await marks('freeze').count()).toBe(0); // hours ago
  await page.getByText('Day', { exact: true }).click();
  await marks('freeze').first().waitFor();
  expect(await marks('restart').count()).toBe(1);
  const events = await page.locator('.events li').allInnerTexts();
  const [first] = site.servers;
  expect(events.map((text) => text.replace(/\s+/g, ' '))).toEqual([
    expect.stringMatching(/^Deploy .* every server has a new process/),
    expect.stringMatching(RegExp(`^Restart .* ${first.name} has a new process`)),
    expect.stringMatching(RegExp(`^Freeze .* ${first.name} stood still, 6.5 s, while it computed`)),
  ]);
  const rows = () => page.locator('details tbody tr').count();
  expect(await rows()).toBe(144);
  await page.getByText('Week', { exact: true }).click();
  await eventually(async () => expect(await rows()).toBe(168));
  for (const title of [
    'Deliveries a second',
    'CPU, percent of one core',
    'Longest delay of an event loop',
    'Connections',
    'Memory of Redis',
  ])
    expect(await chartOf(page, title).locator('polyline, circle').count()).toBeGreaterThan(0);
  const busiest = await page
    .locator('details tbody tr')
    .evaluateAll((all: { cells: { innerText: string; textContent: string }[] }[]) =>
      Math.max(...all.map(({ cells: row }) => Number.parseFloat(row[1]!.textContent) || 0)),
    );
  expect(busiest).toBeGreaterThan(180); // calls a second at ten o'clock
});

test('[OPS-8] it says what the report says, in Korean or English', async () => {
  const { page } = await open();
  await page.getByText('Week', { exact: true }).click();
  await page.getByText(/^The load explains (9\d|100) % of the changes of CPU\.$/).waitFor();
  await page.getByText(/^Freeze: chat-\d+, /).waitFor();
  await page.getByText('한국어').click();
  await page.getByText(/^부하가 CPU 변화의 (9\d|100) %를 설명합니다\.$/).waitFor();
  await page.getByRole('heading', { name: '채팅은 왜 느린가?' }).waitFor();
  await page.getByText('서버 2대, 접속').waitFor();
  expect(await page.locator('html').getAttribute('lang')).toBe('ko');
});

test('[OPS-9] axe has nothing to complain about, in either colours and either language, also on a phone', async () => {
  const { page } = await open();
  await page.getByText('Day', { exact: true }).click();
  await page.locator('.events li').nth(2).waitFor();
  await page.locator('.verdict p').nth(2).waitFor();
  await page.getByText('The figures as a table').click();
  for (const colours of ['Light', 'Dark']) {
    await page.getByText(colours, { exact: true }).click();
    expect([colours, await violations(page)]).toEqual([colours, []]);
  }
  await page.getByText('한국어').click();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('heading', { name: '채팅은 왜 느린가?' }).waitFor();
  expect(await violations(page)).toEqual([]);
  const tooWide = await page.evaluate<boolean>('document.documentElement.scrollWidth > innerWidth');
  expect(tooWide).toBe(false);
}, 90_000);

test('[OPS-9] it works by keyboard', async () => {
  const { page } = await open();
  await page.locator('.events').waitFor();
  const focused = () => page.evaluate<string>("document.activeElement.closest('fieldset, .wide, summary')?.innerText ?? ''"); // prettier-ignore
  const stops: string[] = [];
  for (let i = 0; i < 5; i++) {
    await page.keyboard.press('Tab');
    stops.push((await focused()).split('\n')[0]!);
  }
  expect(stops).toEqual([
    'Language',
    'Colours',
    expect.stringContaining('Server'),
    'Time',
    'The figures as a table',
  ]);
  await page.keyboard.press('Enter');
  await page.locator('details[open]').waitFor();
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('ArrowRight');
  expect(await page.getByRole('radio', { name: 'Day' }).isChecked()).toBe(true);
});

test('[OPS-4] without the token there are no figures; with it the address does not keep it, and the tab does', async () => {
  const { page } = await visit(browser, { url: `${site.ops.url}/ops` });
  await page.getByRole('alert').getByText('npx fleet ops').waitFor();
  expect(await page.getByRole('table').count()).toBe(0);
  await page.goto(site.url);
  await page.getByText('All is well.').waitFor();
  expect(page.url()).toBe(`${site.ops.url}/ops`);
  await page.reload();
  await page.getByText('All is well.').waitFor();
});
