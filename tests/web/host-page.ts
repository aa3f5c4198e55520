import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Settings } from '../../src/config/settings';
import { createChat, type Chat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { startSite, type Site } from './site';

const root = join(__dirname, '..', '..');

/** The examples of docs/EMBEDDING.md in this language, with the address of a fleet that is there. */
export function examples(language: 'html' | 'js' | 'jsx' | 'sh', fleet: string): string[] {
  const text = readFileSync(join(root, 'docs/EMBEDDING.md'), 'utf8');
  const blocks = [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))];
  return blocks.map(([, block]) => block!.replaceAll('http://127.0.0.1:8080', fleet));
}

/** The product of somebody else: shows one page, under a policy that allows what is needed for a chat and nothing else. */
export interface Product {
  origin: string;
  /** What its page is from now on, and the fleet that it may use. */
  show(html: string, fleet: string): void;
}

export async function startProduct(host: 'localhost' | '127.0.0.1' = 'localhost'): Promise<Product> {
  let [page, policy] = ['', ''];
  const server = createServer(({ url }, response) => {
    if (url !== '/') return void response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(page);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onCleanup(() => (server.closeAllConnections(), server.close()));
  const origin = `http://${host}:${(server.address() as AddressInfo).port}`;
  const show = (html: string, fleet: string): void => {
    page = html;
    const sources = `script-src ${fleet}; connect-src 'self' ${fleet} ${fleet.replace('http', 'ws')}`;
    policy = `default-src 'none'; ${sources}; require-trusted-types-for 'script'`;
  };
  return { origin, show };
}

/** A fleet that lets the product in, and gives the script of the element. */
export async function startFleetFor(product: Product, settings: Partial<Settings> = {}) {
  const site = await startSite({ allowedOrigins: [product.origin], ...settings });
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const to = ['--outDir', join(site.pages, 'embed'), '--emptyOutDir', 'false'];
  execFileSync(process.execPath, [vite, 'build', join(root, 'web', 'embed'), ...to], {
    stdio: 'pipe',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return { ...site, fleet: site.url.replace(/\/$/, '') };
}

/** A page with the element alone; `more` goes into its head. */
export const pageWith = (element: string, fleet: string, more = ''): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Product</title>${more}` +
  `<script src="${fleet}/embed/chat-room.js" async></script></head>` +
  `<body><main><h1>Product</h1>${element}</main></body></html>`;

export interface Guest {
  page: Page;
  complaints: string[];
  warnings: string[];
  element: Locator;
}

/** Somebody who opens the page of the product. */
export async function open(browser: Browser, product: Product): Promise<Guest> {
  const context = await browser.newContext({ locale: 'en-US' });
  const page = await context.newPage();
  const complaints: string[] = [];
  const warnings: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (said) => {
    if (said.type() === 'error') complaints.push(said.text());
    if (said.type() === 'warning') warnings.push(said.text());
  });
  await page.goto(product.origin);
  return { page, complaints, warnings, element: page.locator('chat-room') };
}

/** Somebody on a page with this element alone, once it is connected. */
export async function visitorOf(
  browser: Browser,
  product: Product,
  fleet: string,
  element: string,
  more = '',
): Promise<Guest> {
  product.show(pageWith(element, fleet, more), fleet);
  const guest = await open(browser, product);
  await guest.page.locator('[data-state=online]').waitFor();
  return guest;
}

/** Somebody in the room by the typed client. */
export async function somebody(site: Site, name: string, room: string) {
  const chat: Chat = createChat({ url: site.url, name });
  onCleanup(() => chat.close());
  return chat.room(room);
}
