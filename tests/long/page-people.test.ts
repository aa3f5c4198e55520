import type { Page } from 'playwright-core';
import { eventually } from '../support/eventually';
import { joinAs, say, visit } from '../web/browser';
import { browser, choose, openSite, roomButton, sees, site, twoPeople } from '../web/two-people';

beforeAll(openSite, 60_000);

describe('page: rooms and people', () => {
  it('[PAGE-10] shows what is unread in another room until one looks, on all pages of the same person', async () => {
    const { mina, jun, room, names } = await twoPeople();
    const { page: second } = await visit(browser, site);
    await joinAs(second, names[0]);
    await roomButton(second, room).waitFor();
    await roomButton(mina, 'lobby').click();
    await mina.getByRole('heading', { name: 'lobby', exact: true }).waitFor();
    for (const text of ['one', 'two']) await say(jun, text);
    await sees(jun, 'one', 'two');
    for (const page of [mina, second]) await roomButton(page, room).getByText('2 unread').waitFor();
    await roomButton(mina, room).click();
    await sees(mina, 'one', 'two');
    // All of it is in view, so there is nowhere to jump to.
    await mina.getByRole('button', { name: 'Jump to latest' }).waitFor({ state: 'detached' });
    for (const page of [mina, second]) {
      await roomButton(page, room).locator('.badge').waitFor({ state: 'detached' });
    }
  });

  it('[PAGE-11] opens a direct room by a click on a person, with the name of the other on both sides', async () => {
    const { mina, jun, names } = await twoPeople();
    await mina.getByText('2 here', { exact: true }).waitFor();
    await mina.getByRole('button', { name: `Message ${names[1]} directly` }).click();
    await mina.getByRole('heading', { name: names[1], exact: true }).waitFor();
    await say(mina, 'only for you');
    const directs = jun.getByRole('navigation', { name: 'Direct messages' });
    await directs.getByText(names[0]).waitFor();
    await directs.getByText('1 unread').waitFor();
    await directs.getByText(names[0]).click();
    await jun.getByRole('heading', { name: names[0], exact: true }).waitFor();
    await say(jun, 'thanks');
    await sees(mina, 'only for you', 'thanks');
    await mina.reload();
    await mina.getByRole('heading', { name: names[1], exact: true }).waitFor();
  });

  it('[PAGE-44] shows in the list whether the other person of a direct room is there', async () => {
    const { mina, jun, names } = await twoPeople();
    await mina.getByRole('button', { name: `Message ${names[1]} directly` }).click();
    await mina.getByRole('heading', { name: names[1], exact: true }).waitFor();
    await say(mina, 'are you there?');
    const row = mina.getByRole('navigation', { name: 'Direct messages' }).locator('li');
    await row.getByText('here now').waitFor();
    await jun.close();
    await row.getByText('here now').waitFor({ state: 'detached' });
    expect(await row.locator('.here').count()).toBe(0);
  });

  it('[PAGE-12] shows who is typing, and no more when his message has come', async () => {
    const { mina, jun, names } = await twoPeople();
    await mina.locator('textarea').pressSequentially('hel');
    const line = jun.getByText(`${names[0]} is typing`);
    await line.waitFor();
    await mina.locator('textarea').press('Enter');
    await sees(jun, 'hel');
    await line.waitFor({ state: 'detached' });
  });
});

describe('page: messages', () => {
  it('[PAGE-13] edits an own message in place, which shows to everybody', async () => {
    const { mina, jun } = await twoPeople();
    await say(mina, 'helo');
    await sees(jun, 'helo');
    await choose(mina, 'helo', 'Edit');
    await mina.getByLabel('New text').fill('hello');
    await mina.getByLabel('New text').press('Enter');
    await Promise.all([sees(mina, 'hello'), sees(jun, 'hello')]);
    await jun.getByText('(edited)').waitFor();
    await jun.locator('.message').hover();
    await jun.locator('.opener').click();
    expect(await jun.getByRole('button', { name: 'Edit' }).count()).toBe(0);
    await jun.reload();
    await sees(jun, 'hello');
    await jun.getByText('(edited)').waitFor();
  });

  it('[PAGE-13] deletes an own message after a question, for everybody and for good', async () => {
    const { mina, jun } = await twoPeople();
    await say(mina, 'secret');
    await sees(jun, 'secret');
    await choose(mina, 'secret', 'Delete');
    await mina.getByText('Delete this message for everyone?').waitFor();
    await sees(jun, 'secret');
    await mina.getByRole('group').getByRole('button', { name: 'Delete' }).click();
    await Promise.all([sees(mina, 'Deleted message'), sees(jun, 'Deleted message')]);
    expect(await jun.locator('.opener').count()).toBe(0);
    await jun.reload();
    await sees(jun, 'Deleted message');
  });

  it('[PAGE-14] [PAGE-42] shows reactions as toggles with their count and who it was', async () => {
    const { mina, jun, names } = await twoPeople();
    await say(mina, 'party');
    await sees(jun, 'party');
    await choose(jun, 'party', 'React with 🎉');
    const toggle = (page: Page, times: number) =>
      page.getByRole('button', { name: `🎉 ${times}`, exact: true });
    await toggle(mina, 1).click();
    await toggle(jun, 2).waitFor();
    expect(await toggle(jun, 2).getAttribute('aria-pressed')).toBe('true');
    expect(await toggle(jun, 2).getAttribute('title')).toBe(`${names[1]} and ${names[0]}`);
    await toggle(jun, 2).click();
    await toggle(mina, 1).click();
    for (const page of [mina, jun]) await toggle(page, 1).waitFor({ state: 'detached' });
    await eventually(async () => expect(await jun.locator('.reactions').count()).toBe(0));
  });

  it('[PAGE-14] replies with a line that shows what is answered', async () => {
    const { mina, jun, names } = await twoPeople();
    await say(mina, 'coffee?');
    await sees(jun, 'coffee?');
    await choose(jun, 'coffee?', 'Reply');
    await jun.locator('.reply-bar').getByText('coffee?').waitFor();
    await choose(mina, 'coffee?', 'Edit');
    await mina.getByLabel('New text').fill('tea?');
    await mina.getByLabel('New text').press('Enter');
    await jun.locator('.reply-bar').getByText('tea?').waitFor();
    await say(jun, 'yes');
    await sees(mina, 'tea?', 'yes');
    await mina.locator('.message .quote').getByText(`${names[0]} tea?`).waitFor();
    expect(await jun.locator('.reply-bar').count()).toBe(0);
  });
});
