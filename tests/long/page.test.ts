import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { joinAs, say, visit } from '../web/browser';
import { browser, choose, openRoom, openSite, roomButton, sees, site } from '../web/two-people';

beforeAll(openSite, 60_000);

describe('page: details', () => {
  it('[PAGE-18] lists the direct rooms of all who wrote, with what is unread', async () => {
    const { page } = await visit(browser, site);
    await joinAs(page, 'boss');
    await Promise.all(
      Array.from({ length: 33 }, async (_, i) => {
        const chat = createChat({ url: site.url, name: `writer${i}` });
        onCleanup(() => chat.close());
        // 33 at once are much for a small machine: some answers come too late, and are asked for again.
        const opened = await eventually(async () => {
          const answer = await chat.openDirect('guest:boss');
          if ('error' in answer) throw new Error(answer.error.message);
          return answer.room;
        }, 30_000);
        chat.room(opened).send('hi');
      }),
    );
    const directs = page.getByRole('navigation', { name: 'Direct messages' });
    await eventually(async () => expect(await directs.getByText('1 unread').count()).toBe(33), 20_000);
    await directs.getByText('Direct message', { exact: true }).first().click();
    await sees(page, 'hi');
  });

  it('[PAGE-22] keeps what was begun in a room, with the count of its length', async () => {
    const { page } = await visit(browser, site);
    await joinAs(page, 'boss');
    await openRoom(page, 'drafts');
    await page.locator('textarea').fill('x'.repeat(4_001));
    await roomButton(page, 'lobby').click();
    await page.getByRole('heading', { name: 'lobby' }).waitFor();
    await roomButton(page, 'drafts').click();
    await page.getByText('4001 / 4000').waitFor();
    expect(await page.locator('textarea').inputValue()).toHaveLength(4_001);
  });

  it('[PAGE-19] chooses once by a key that is held down, and leaves the focus with the message', async () => {
    const { page: mina } = await visit(browser, site);
    await joinAs(mina, 'mina');
    await openRoom(mina, 'keys');
    const focused = async () => ((await mina.locator('.said:focus').count()) === 1 ? 'message' : 'elsewhere');
    await say(mina, 'careful');
    await sees(mina, 'careful');
    await mina.locator('.message').hover();
    await mina.locator('.opener').click();
    await mina.getByRole('button', { name: 'Edit' }).click();
    await mina.keyboard.press('Escape');
    await eventually(async () => expect(await focused()).toBe('message'));

    await mina.locator('.opener').click();
    await mina.getByRole('group').getByRole('button', { name: 'Delete' }).focus();
    for (let i = 0; i < 5; i++) await mina.keyboard.down('Enter');
    await mina.keyboard.up('Enter');
    await mina.getByText('Delete this message for everyone?').waitFor();
    await sees(mina, 'careful');
    await mina.getByRole('group').getByRole('button', { name: 'Delete' }).click();
    await sees(mina, 'Deleted message');
    expect(await focused()).toBe('message');
  });

  it('[PAGE-20] announces each message of others, the same text twice, and none again after a delete', async () => {
    const { page: jun } = await visit(browser, site);
    await joinAs(jun, 'jun');
    await openRoom(jun, 'aloud');
    const chat = createChat({ url: site.url, name: 'mina' });
    onCleanup(() => chat.close());
    const mina = chat.room('aloud');
    const said = jun.locator('[aria-live=polite] span');
    mina.send('first');
    mina.send('same');
    await sees(jun, 'first', 'same');
    const before = (await said.elementHandle())!;
    const id = mina.send('same');
    await sees(jun, 'first', 'same', 'same');
    expect(await said.allInnerTexts()).toEqual(['mina: same']);
    expect(await before.evaluate((span: { isConnected: boolean }) => span.isConnected)).toBe(false);
    await mina.remove({ from: 'guest:mina', id });
    await sees(jun, 'first', 'same', 'Deleted message');
    expect(await said.count()).toBe(0);
  });

  it('[PAGE-21] does not touch what one is editing when it is edited elsewhere, nor undo that', async () => {
    const { page: mina } = await visit(browser, site);
    await joinAs(mina, 'mina');
    await openRoom(mina, 'meanwhile');
    const other = createChat({ url: site.url, name: 'mina' });
    onCleanup(() => other.close());
    const messages = other.room('meanwhile');
    await say(mina, 'one');
    await eventually(() => expect(messages.timeline()[0]?.state).toBe('committed'));
    await choose(mina, 'one', 'Edit');
    const field = mina.getByLabel('New text');
    await field.press('Home');
    const { from, id } = messages.timeline()[0]!;
    await messages.edit({ from: from.id, id }, 'longer');
    await mina.getByText('(edited)').waitFor();
    const cursor = (area: { selectionStart: number; value: string }) => [area.selectionStart, area.value];
    expect(await field.evaluate(cursor)).toEqual([0, 'one']);
    await field.press('Enter');
    await sees(mina, 'longer');
    expect(messages.timeline()[0]!.text).toBe('longer');
  });
});
