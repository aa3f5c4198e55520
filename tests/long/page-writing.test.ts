import type { CDPSession, Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { joinAs, rows, say, visit } from '../web/browser';
import { browser, openRoom, openSite, sees, shows, site, twoPeople } from '../web/two-people';

beforeAll(openSite, 60_000);

async function writerIn(room: string): Promise<{ page: Page; cdp: CDPSession }> {
  const { page } = await visit(browser, site);
  await joinAs(page, '민아');
  await openRoom(page, room);
  return { page, cdp: await page.context().newCDPSession(page) };
}

const compose = (cdp: CDPSession, text: string) =>
  cdp.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
const commit = (cdp: CDPSession, text: string) => cdp.send('Input.insertText', { text });
const enter = (cdp: CDPSession, type: 'rawKeyDown' | 'keyUp', composing: boolean) =>
  cdp.send('Input.dispatchKeyEvent', {
    type,
    key: composing ? 'Process' : 'Enter',
    code: 'Enter',
    windowsVirtualKeyCode: composing ? 229 : 13,
  });

const isFocused = (field: { matches(selector: string): boolean }): boolean => field.matches(':focus');

describe('page: writing', () => {
  it('[PAGE-33] sends with the Enter that commits the last syllable, once, as Chrome and Windows do it', async () => {
    const { page, cdp } = await writerIn('한글');
    await page.locator('textarea').focus();
    await commit(cdp, '안녕하세');
    await compose(cdp, '요');
    await page.keyboard.down('Enter');
    expect(await rows(page)).toEqual([]);
    await commit(cdp, '요');
    await page.keyboard.up('Enter');
    await sees(page, '안녕하세요');
    expect(await page.locator('textarea').inputValue()).toBe('');

    await compose(cdp, '네');
    await enter(cdp, 'rawKeyDown', true);
    await commit(cdp, '네');
    await enter(cdp, 'rawKeyDown', false);
    await enter(cdp, 'keyUp', false);
    await sees(page, '안녕하세요', '네');
  });

  it('[PAGE-6] leaves the Enter of a Japanese composition to the input method', async () => {
    const { page, cdp } = await writerIn('日本語');
    await page.locator('textarea').focus();
    await compose(cdp, 'にほん');
    await enter(cdp, 'rawKeyDown', true);
    await enter(cdp, 'keyUp', true);
    await commit(cdp, '日本');
    expect(await rows(page)).toEqual([]);
    expect(await page.locator('textarea').inputValue()).toBe('日本');
    await page.keyboard.press('Enter');
    await sees(page, '日本');
  });

  it('[PAGE-33] acts once in the fields of rooms, of edits and of the switcher too', async () => {
    const { page, cdp } = await writerIn('fields');
    await page.getByLabel('Add a room').focus();
    await compose(cdp, '방');
    await page.keyboard.down('Enter');
    await commit(cdp, '방');
    await page.keyboard.up('Enter');
    await page.getByRole('heading', { name: '방', exact: true }).waitFor();
    await say(page, '하나');
    await sees(page, '하나');
    await page.locator('textarea').press('ArrowUp');
    await page.getByLabel('New text').waitFor();
    await compose(cdp, '둘');
    await page.keyboard.down('Enter');
    await commit(cdp, '둘');
    await page.keyboard.up('Enter');
    await sees(page, '하나둘');
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox').waitFor();
    await compose(cdp, '방');
    await page.keyboard.down('Enter');
    await commit(cdp, '방');
    await page.keyboard.up('Enter');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.getByRole('heading', { name: '방', exact: true }).waitFor();
  });

  it('[PAGE-34] shows marks as what they mean, and makes honest links', async () => {
    const { page } = await writerIn('marks');
    await say(page, '**JWT(토큰)**을 `쓰면` https://example.com/a');
    await eventually(async () => expect(await page.locator('.body strong').innerText()).toBe('JWT(토큰)'));
    const link = page.locator('.body a');
    expect(await link.getAttribute('href')).toBe(await link.innerText());
    expect(await link.getAttribute('rel')).toContain('noopener');
    await page.locator('textarea').fill('```js\nlet a = 1\n```');
    await page.locator('textarea').press('Enter');
    await eventually(async () => expect(await page.locator('.body pre').innerText()).toBe('let a = 1'));
  });

  it('[PAGE-35] offers people while a name is composed, and puts in who was chosen', async () => {
    const { mina, jun, names } = await twoPeople();
    await mina.getByText('2 here', { exact: true }).waitFor();
    const field = mina.locator('textarea');
    await field.pressSequentially('hi @');
    await mina.getByRole('listbox').waitFor();
    await field.pressSequentially(names[1].slice(0, 3));
    await eventually(async () =>
      expect(await mina.getByRole('option').allInnerTexts()).toEqual([expect.stringContaining(names[1])]),
    );
    await field.press('Enter');
    expect(await field.inputValue()).toBe(`hi @${names[1]}`);
    await field.pressSequentially('님');
    await field.press('Enter');
    await sees(jun, `hi @${names[1]}님`);
    await eventually(async () =>
      expect(await jun.locator('.mention.me').allInnerTexts()).toEqual([`@${names[1]}`]),
    );
  });

  it('[PAGE-36] edits the last message by arrow up, and gives the field back', async () => {
    const { page } = await writerIn('last');
    await say(page, 'first');
    await say(page, 'secnd');
    await sees(page, 'first', 'secnd');
    await page.locator('textarea').press('ArrowUp');
    await page.getByLabel('New text').fill('second');
    await page.getByLabel('New text').press('Enter');
    await sees(page, 'first', 'second');
    await eventually(async () =>
      expect(await page.getByLabel('Message last').evaluate(isFocused)).toBe(true),
    );
  });

  it('[PAGE-36] takes what was refused back into the field', async () => {
    const { page } = await writerIn('refused-edit');
    await say(page, '\u200b');
    await shows(page, '\u200b failed');
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await shows(page);
    expect(await page.locator('textarea').inputValue()).toBe('\u200b');
  });

  it('[PAGE-22] keeps what was begun over a reload, and marks its room', async () => {
    const { page } = await writerIn('begun');
    await page.locator('textarea').pressSequentially('not yet');
    await page.reload();
    await page.getByRole('heading', { name: 'begun' }).waitFor();
    expect(await page.locator('textarea').inputValue()).toBe('not yet');
    await page.locator('.rooms nav button', { hasText: 'lobby' }).first().click();
    await page.locator('.rooms nav button', { hasText: 'begun' }).getByText('Draft').waitFor();
  });
});
