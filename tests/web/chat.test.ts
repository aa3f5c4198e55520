import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { changeName, joinAs, prefer, rows, say, scrolled, scrollTo, startBrowser, visit } from './browser';
import { startSite, type Site } from './site';

let site: Site;
let browser: Browser;
beforeAll(async () => {
  [site, browser] = await Promise.all([startSite(), startBrowser()]);
}, 60_000);

const committed = (...texts: string[]): string[] => texts.map((text) => `${text} committed`);

/** Two people, each on a server of his own, alone in a room. */
async function twoPeople(room: string) {
  const people = await Promise.all(
    ['mina', 'jun'].map(async (name, i) => {
      const visitor = await visit(browser, site);
      await prefer(visitor.page, site.servers[i]!.name);
      await joinAs(visitor.page, name);
      await openRoom(visitor.page, room);
      return visitor;
    }),
  );
  return { mina: people[0]!, jun: people[1]! };
}

async function openRoom(page: Page, room: string): Promise<void> {
  await page.getByLabel('Add a room').fill(room);
  await page.getByLabel('Add a room').press('Enter');
  await page.getByRole('heading', { name: room }).waitFor();
}

const sees = (page: Page, ...expected: string[]) =>
  eventually(async () => expect(await rows(page)).toEqual(expected));

describe('page', () => {
  it('[PAGE-1] lets two people on two servers chat, in one order and without doubles', async () => {
    const { mina, jun } = await twoPeople('two');
    for (const [i, { page }] of [mina, jun].entries()) {
      await page.getByText(site.servers[i]!.name, { exact: true }).waitFor();
    }
    const texts = ['one', 'two', 'three', 'four', 'five', 'six'];
    for (const [i, text] of texts.entries()) await say([mina, jun][i % 2]!.page, text);
    await eventually(async () => {
      expect([...(await rows(mina.page))].sort()).toEqual(committed(...texts).sort());
      expect(await rows(jun.page)).toEqual(await rows(mina.page));
    });
    await Promise.all([mina, jun].map(({ page }) => page.reload()));
    await eventually(async () => expect(await rows(jun.page)).toHaveLength(6));
    await eventually(async () => expect(await rows(mina.page)).toEqual(await rows(jun.page)));
  });

  it('[PAGE-2] keeps name and rooms over a reload, and forgets the name when asked', async () => {
    const { page } = await visit(browser, site);
    await joinAs(page, '민아');
    await openRoom(page, '카페');
    await page.reload();
    await page.getByRole('heading', { name: '카페' }).waitFor();
    await page.getByRole('button', { name: 'Leave 카페' }).click();
    await page.getByRole('heading', { name: 'lobby' }).waitFor();
    await changeName(page);
    await page.getByLabel('Your name').waitFor();
  });

  it('[PAGE-2] says what is wrong with a name', async () => {
    const { page } = await visit(browser, site);
    await page.getByRole('button', { name: 'Join the chat' }).click();
    await page.getByRole('alert').waitFor();
    await joinAs(page, 'mina');
    await page.getByLabel('Add a room').fill('no blanks');
    await page.getByLabel('Add a room').press('Enter');
    await page.getByRole('alert').waitFor();
  });

  it('[PAGE-3] shows text as text', async () => {
    const { mina, jun } = await twoPeople('text');
    const text = '<img src=x onerror=alert(1)> <b>not bold</b> &amp;';
    await say(mina.page, text);
    await sees(jun.page, ...committed(text));
    await mina.page.locator('textarea').pressSequentially('first');
    await mina.page.locator('textarea').press('Shift+Enter');
    await mina.page.locator('textarea').pressSequentially('second');
    await mina.page.locator('textarea').press('Enter');
    await sees(jun.page, ...committed(text, 'first\nsecond'));
  });

  it('[PAGE-4] shows a message as pending until it is committed, and a quiet banner once a loss lasts', async () => {
    const { mina, jun } = await twoPeople('away');
    const banner = mina.page.getByText('Reconnecting. What you wrote is safe.');
    await say(mina.page, 'before');
    await sees(jun.page, ...committed('before'));
    await site.cut();
    const cutAt = Date.now();
    await say(mina.page, 'meanwhile');
    await sees(mina.page, 'before committed', 'meanwhile sending');
    await banner.waitFor();
    expect(Date.now() - cutAt).toBeGreaterThan(2_500);
    await site.restore();
    await sees(jun.page, ...committed('before', 'meanwhile'));
    await sees(mina.page, ...committed('before', 'meanwhile'));
    await banner.waitFor({ state: 'detached' });
  });

  it('[PAGE-4] shows what is refused with its reason, sends it again or lets go of it', async () => {
    const { page } = await visit(browser, site);
    await joinAs(page, 'mina');
    await openRoom(page, 'refused');
    await say(page, '\u200b');
    await sees(page, '\u200b failed');
    await page.getByRole('button', { name: 'Retry' }).click();
    await sees(page, '\u200b failed');
    await page.getByRole('button', { name: 'Delete' }).click();
    await sees(page);
  });

  it('[PAGE-5] follows the end, stays put while one reads further up, and reads older pages as one gets there', async () => {
    const mina = createChat({ url: site.url, name: 'mina' });
    onCleanup(() => mina.close());
    const all = Array.from({ length: 180 }, (_, i) => `message ${i}`);
    const long = mina.room('long');
    all.forEach((text) => long.send(text));
    await eventually(
      () => expect(long.timeline().filter(({ state }) => state !== 'committed')).toEqual([]),
      40_000,
    );

    const { page } = await visit(browser, site);
    await joinAs(page, 'jun');
    await openRoom(page, 'long');
    await sees(page, ...committed(...all.slice(-100)));
    await eventually(async () => expect((await scrolled(page)).fromEnd).toBeLessThan(2));
    await scrollTo(page, 300);
    await eventually(async () => expect((await rows(page)).length).toBeGreaterThan(100));
    const read = await rows(page);
    expect(read).toEqual(committed(...all).slice(-read.length));
    const { top } = await scrolled(page);
    expect(top).toBeGreaterThan(600);

    long.send('new');
    await sees(page, ...read, ...committed('new'));
    expect((await scrolled(page)).top).toBe(top);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);
    long.send('newer');
    await sees(page, ...read, ...committed('new', 'newer'));
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);
    await scrollTo(page, 0);
    await sees(page, ...committed(...all, 'new', 'newer'));
    await page.getByText('The conversation begins here.').waitFor();
  });

  it('[PAGE-7] speaks Korean to those who read it', async () => {
    const { page } = await visit(browser, site, { locale: 'ko-KR' });
    await page.getByLabel('이름').fill('민아');
    await page.getByRole('button', { name: '들어가기' }).click();
    await page.getByPlaceholder('메시지 입력').waitFor();
    expect(await page.locator('html').getAttribute('lang')).toBe('ko');
  });

  it('[PAGE-8] asks nobody but its own origin, and breaks no rule of its content security policy', async () => {
    const { page, complaints, origins } = await visit(browser, site);
    await joinAs(page, 'mina');
    await openRoom(page, 'strict');
    await say(page, 'hello');
    await sees(page, ...committed('hello'));
    expect(complaints).toEqual([]);
    expect([...origins]).toEqual([new URL(site.url).host]);
    const policy = (await page.reload())!.headers()['content-security-policy'];
    expect(policy).toContain("default-src 'self'");
    expect(policy).not.toContain('unsafe');
  });

  it('[PAGE-8] is small: less than 150 kB of script, gzipped', () => {
    const assets = join(site.pages, 'assets');
    const scripts = readdirSync(assets).filter((name) => name.endsWith('.js'));
    const sizes = scripts.map((name) => gzipSync(readFileSync(join(assets, name))).length);
    expect(sizes.length).toBeGreaterThan(0);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(150_000);
  });

  // The last, because one server is gone afterwards.
  it('[PAGE-9] goes on by another server when its own stops, unnoticed', async () => {
    const { mina, jun } = await twoPeople('move');
    await mina.page.getByText(site.servers[0].name, { exact: true }).waitFor();
    await say(jun.page, 'before');
    await sees(mina.page, ...committed('before'));
    await site.servers[0].stop();
    await say(jun.page, 'meanwhile');
    await say(mina.page, 'after');
    await mina.page.getByText(site.servers[1].name, { exact: true }).waitFor();
    await eventually(async () => {
      expect([...(await rows(mina.page))].sort()).toEqual(committed('after', 'before', 'meanwhile'));
      expect(await rows(jun.page)).toEqual(await rows(mina.page));
    });
    expect(await mina.page.locator('.banner').count()).toBe(0);
  });
});
