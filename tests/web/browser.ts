import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { onCleanup } from '../support/cleanup';
import type { Site } from './site';

export interface Visitor {
  page: Page;
  /** What the browser had to complain about: errors, and what the content security policy refused. */
  complaints: string[];
  /** Where the page sent requests to. */
  origins: Set<string>;
}

const QUIET = [
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export async function startBrowser(): Promise<Browser> {
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', ...QUIET];
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args });
  onCleanup(() => browser.close());
  return browser;
}

/** Somebody with a browser of his own who opens the page. */
export async function visit(
  browser: Browser,
  site: Pick<Site, 'url'>,
  options: BrowserContextOptions = {},
): Promise<Visitor> {
  const context = await browser.newContext({ locale: 'en-US', ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const origins = new Set<string>();
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (said) => said.type() === 'error' && complaints.push(said.text()));
  page.on('request', (request) => origins.add(new URL(request.url()).host));
  await page.goto(site.url);
  return { page, complaints, origins };
}

/** Asks for a server by the query of the handshake, as a `move` does; nginx honours it. */
export async function prefer(page: Page, server: string): Promise<void> {
  await page.route(/\/socket\.io\/(?!.*[?&]sid=)/, (route) =>
    route.continue({ url: `${route.request().url()}&server=${server}` }),
  );
}

export async function joinAs(page: Page, name: string): Promise<void> {
  await page.locator('input').fill(name);
  await page.locator('input').press('Enter');
  await page.locator('textarea').waitFor();
}

export async function changeName(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('button', { name: 'Change name' }).click();
}

export async function say(page: Page, text: string): Promise<void> {
  await page.locator('textarea').fill(text);
  await page.locator('textarea').press('Enter');
}

interface SeenRow {
  dataset: { state: string };
  querySelector(selector: '.body'): { innerText: string };
}

/** The rows as they are seen: text and state. */
export function rows(page: Page): Promise<string[]> {
  const seen = (list: SeenRow[]) =>
    list.map((row) => `${row.querySelector('.body').innerText} ${row.dataset.state}`);
  return page.locator('[role=log] .message').evaluateAll(seen);
}

interface Scroller {
  scrollTop: number;
  scrollHeight: number;
  clientHeight: number;
}

/** Where the timeline is scrolled to, in pixels from its top and from its end. */
export function scrolled(page: Page): Promise<{ top: number; fromEnd: number }> {
  return page.getByRole('log').evaluate(({ scrollTop, scrollHeight, clientHeight }: Scroller) => ({
    top: scrollTop,
    fromEnd: scrollHeight - clientHeight - scrollTop,
  }));
}

export async function scrollTo(page: Page, top: number): Promise<void> {
  await page.getByRole('log').evaluate((list: Scroller, to) => void (list.scrollTop = to), top);
}
