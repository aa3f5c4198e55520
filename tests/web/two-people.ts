import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { joinAs, prefer, rows, startBrowser, visit } from './browser';
import { startSite, type Site } from './site';

export let site: Site;
export let browser: Browser;

/** For `beforeAll`: the site, and a browser. */
export async function openSite(): Promise<void> {
  [site, browser] = await Promise.all([startSite(), startBrowser()]);
}

let count = 0;

/** Two people whom nobody else knows, each on a server of his own, alone in a room. */
export async function twoPeople(options: BrowserContextOptions = {}) {
  const room = `people-${++count}`;
  const names = [`mina${count}`, `jun${count}`] as const;
  const enter = async (name: string, i: number): Promise<Page> => {
    const { page } = await visit(browser, site, options);
    await prefer(page, site.servers[i]!.name);
    await joinAs(page, name);
    await openRoom(page, room);
    return page;
  };
  const [mina, jun] = await Promise.all([enter(names[0], 0), enter(names[1], 1)]);
  return { mina, jun, room, names };
}

export async function openRoom(page: Page, room: string): Promise<void> {
  await page.getByLabel('Add a room').fill(room);
  await page.getByLabel('Add a room').press('Enter');
  await page.getByRole('heading', { name: room }).waitFor();
}

/** Waits until the rows are these: text and state. */
export const shows = (page: Page, ...expected: string[]) =>
  eventually(async () => expect(await rows(page)).toEqual(expected));
export const sees = (page: Page, ...texts: string[]) =>
  shows(page, ...texts.map((text) => `${text} committed`));
export const roomButton = (page: Page, room: string) =>
  page.locator('.rooms nav button', { hasText: room }).first();

/** Opens the menu of the message with this text, and chooses. */
export async function choose(page: Page, text: string, choice: string): Promise<void> {
  const row = page.locator('.message', { hasText: text });
  await row.hover();
  await row.locator('.opener').click();
  await page.getByRole('group').getByRole('button', { name: choice }).click();
}
