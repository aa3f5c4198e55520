import type { Browser, Page } from 'playwright-core';
import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { inSeconds, tokenFor } from '../support/tokens';
import { joinAs, say, startBrowser, visit } from '../web/browser';
import { startSite, type Site } from '../web/site';
import { openRoom, roomButton, sees, shows } from '../web/two-people';

let site: Site;
let browser: Browser;
beforeAll(async () => {
  const signInUrl = 'http://127.0.0.1:9/login';
  [site, browser] = await Promise.all([startSite({ signInUrl }), startBrowser()]);
}, 60_000);

/** Somebody without a page, in this room. */
function writer(room: string) {
  const chat = createChat({ url: site.url, name: 'writer' });
  onCleanup(() => chat.close());
  return chat.room(room);
}

/** Makes the browser say that somebody looks at this tab, or that nobody does. */
const look = (page: Page, looks: boolean) =>
  page.evaluate(`document.hasFocus = () => ${looks}; dispatchEvent(new Event(${looks} ? 'focus' : 'blur'))`);

/** Keeps what the page would have the system show. */
const STUB = `
  window.notices = [];
  window.Notification = class {
    static permission = 'default';
    static async requestPermission() { return (this.permission = 'granted'); }
    constructor(title, { body }) { window.notices.push(title + ' | ' + body); }
  };`;
const notices = (page: Page) => page.evaluate<string[]>('window.notices');
const icon = (page: Page) => page.locator('link[rel=icon]').getAttribute('href');

describe('page: attention', () => {
  it('[PAGE-37] counts what is unread in the title, and not what is muted', async () => {
    const { page } = await visit(browser, site);
    await joinAs(page, 'jun');
    await openRoom(page, 'quiet');
    await eventually(async () => expect(await page.title()).toBe('#quiet · Chatfleet'));
    await roomButton(page, 'lobby').click();
    writer('quiet').send('psst');
    await eventually(async () => expect(await page.title()).toBe('(1) #lobby · Chatfleet'));
    expect(await icon(page)).toContain('unread');
    await roomButton(page, 'quiet').click();
    await eventually(async () => expect(await page.title()).toBe('#quiet · Chatfleet'));
    expect(await icon(page)).not.toContain('unread');
    await page.getByRole('button', { name: 'Mute this room' }).click();
    await roomButton(page, 'lobby').click();
    writer('quiet').send('psst again');
    await roomButton(page, 'quiet').getByText('1 unread').waitFor();
    expect(await page.title()).toBe('#lobby · Chatfleet');
  });

  it('[PAGE-38] lets one tab tell of a message while nobody looks, once that was asked for', async () => {
    const { page: one } = await visit(browser, site);
    await one.context().addInitScript(STUB);
    await one.reload();
    await joinAs(one, 'hana');
    await openRoom(one, 'news');
    const two = await one.context().newPage();
    await two.goto(site.url);
    await two.getByRole('heading', { name: 'news' }).waitFor();
    const mina = writer('news');
    for (const tab of [one, two]) await look(tab, false);
    mina.send('not asked for');
    await sees(two, 'not asked for');
    await two.getByRole('button', { name: 'Settings' }).click();
    await two.getByText('Notify me').click();
    await two.keyboard.press('Escape');
    await one.evaluate("Notification.permission = 'granted'");
    for (const tab of [one, two]) await look(tab, false);
    mina.send('news');
    const all = async () => [...(await notices(one)), ...(await notices(two))];
    await eventually(async () => expect(await all()).toEqual(['#news | writer: news']));
    await look(two, true);
    mina.send('seen');
    await sees(one, 'not asked for', 'news', 'seen');
    expect(await all()).toEqual(['#news | writer: news']);
  });

  it('[PAGE-39] signs one in by a token that leaves the address, and says when it is over', async () => {
    const { page } = await visit(browser, site);
    await page.goto(`${site.url}#token=${await tokenFor({ name: 'Ann', exp: Math.ceil(inSeconds(6)) })}`);
    await page.locator('.who').getByText('Ann').waitFor();
    expect(page.url()).not.toContain('token');
    await openRoom(page, 'signed');
    await say(page, 'hello');
    await sees(page, 'hello');
    await page.getByText('Your session has expired.').waitFor();
    expect(await page.getByRole('link', { name: 'Sign in again' }).getAttribute('href')).toBe('./sign-in');
    const { status, headers } = await fetch(`${site.url}sign-in`, { redirect: 'manual' });
    expect([status, headers.get('location')]).toEqual([302, 'http://127.0.0.1:9/login']);
    await say(page, 'kept');
    await shows(page, 'hello committed', 'kept sending');
    await page.goto(`${site.url}#token=${await tokenFor({ name: 'Ann' })}`);
    await sees(page, 'hello', 'kept');
  });
});
