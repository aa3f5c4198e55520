import { joinAs, rows, say, startBrowser, visit } from '../web/browser';
import { startSite } from '../web/site';
import { eventually } from '../support/eventually';

test('[PAGE-16] the page chats where the servers take WebSocket alone, also after a loss', async () => {
  const [site, browser] = await Promise.all([startSite({ transports: ['websocket'] }), startBrowser()]);
  const { page } = await visit(browser, site);
  await joinAs(page, 'mina');
  await say(page, 'by WebSocket');
  await eventually(async () => expect(await rows(page)).toEqual(['by WebSocket committed']));
  await site.cut();
  await page.getByRole('status').filter({ hasText: /./ }).first().waitFor();
  await site.restore();
  await say(page, 'and again');
  await eventually(
    async () => expect(await rows(page)).toEqual(['by WebSocket committed', 'and again committed']),
    30_000,
  );
}, 90_000);
