import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { joinAs, rows, say, scrolled, scrollTo, visit } from '../web/browser';
import { browser, choose, openRoom, openSite, sees, shows, site, twoPeople } from '../web/two-people';

beforeAll(openSite, 60_000);

describe('page: variants', () => {
  it('[PAGE-7] names people in Korean with 님', async () => {
    const room = 'quiet-one';
    const { page } = await visit(browser, site, { locale: 'ko-KR' });
    await joinAs(page, '민아');
    await page.getByLabel('대화방 추가').fill(room);
    await page.getByLabel('대화방 추가').press('Enter');
    await page.getByRole('heading', { name: room }).waitFor();
    const jun = createChat({ url: site.url, name: '준' });
    onCleanup(() => jun.close());
    const joined = jun.room(room);
    await page.getByRole('button', { name: '준님과 개인 대화' }).waitFor();
    joined.typing(true);
    await page.getByText('준님이 입력하고 있어요').waitFor();
  });

  it('[PAGE-13] leaves the text alone when the edit is cancelled', async () => {
    const { mina } = await twoPeople();
    await say(mina, 'stays');
    await sees(mina, 'stays');
    await choose(mina, 'stays', 'Edit');
    await mina.getByLabel('New text').fill('changed');
    await mina.getByLabel('New text').press('Escape');
    await sees(mina, 'stays');
  });

  it('[PAGE-15] says that older messages could not be read, and reads them when asked again', async () => {
    const room = 'quiet-two';
    const mina = createChat({ url: site.url, name: 'mina' });
    onCleanup(() => mina.close());
    const long = mina.room(room);
    for (let i = 0; i < 130; i++) long.send(`message ${i}`);
    const done = () => expect(long.timeline().filter(({ state }) => state !== 'committed')).toEqual([]);
    await eventually(done, 20_000);
    const { page } = await visit(browser, site);
    await joinAs(page, 'jun');
    await openRoom(page, room);
    await eventually(async () => expect(await rows(page)).toHaveLength(100));
    await site.redis.kill();
    await scrollTo(page, 0);
    await page.getByText('Older messages could not be read.').waitFor();
    await site.redis.start();
    await eventually(async () => {
      const again = page.getByRole('log').getByRole('button', { name: 'Try again' });
      if ((await again.count()) > 0) await again.click();
      expect(await rows(page)).toHaveLength(130);
    }, 20_000);
  });

  it('[PAGE-17] keeps 240 messages of a long timeline in the document, those around what one reads', async () => {
    const { page } = await visit(browser, site);
    await joinAs(page, 'jun');
    await openRoom(page, 'longer');
    await page.locator('.timeline:not(.settling)').waitFor();
    const chats = Array.from({ length: 8 }, (_, i) => createChat({ url: site.url, name: `mina${i}` }));
    onCleanup(() => chats.forEach((chat) => chat.close()));
    const writers = chats.map((chat) => chat.room('longer'));
    await eventually(() => writers.forEach(({ state }) => expect(state.kind).toBe('joined')));
    for (let i = 0; i < 320; i++) writers[i % 8]!.send(`message ${i}`);
    const all = () => writers[0]!.timeline().map(({ text, state }) => `${text} ${state}`);
    await eventually(async () => {
      expect(all()).toHaveLength(320);
      expect(await rows(page)).toEqual(all().slice(-240));
    }, 20_000);
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);

    await scrollTo(page, 300);
    await shows(page, ...all().slice(20, 260));
    await scrollTo(page, 0);
    await shows(page, ...all().slice(0, 240));
    await scrollTo(page, 400);
    const { top } = await scrolled(page);
    writers[0]!.send('new');
    await page.locator('.jump .badge').waitFor();
    await shows(page, ...all().slice(0, 240));
    expect((await scrolled(page)).top).toBe(top);
    await scrollTo(page, 1_000_000);
    await eventually(async () => {
      await scrollTo(page, 1_000_000);
      expect((await rows(page)).at(-1)).toBe('new committed');
    });
    await scrollTo(page, 300);
    await page.getByRole('button', { name: 'Jump to latest' }).click();
    await shows(page, ...all().slice(-240));
    expect((await scrolled(page)).fromEnd).toBeLessThan(2);
  });
});
