import { eventually } from '../support/eventually';
import { changeName, joinAs, rows, say, visit } from '../web/browser';
import { browser, openRoom, openSite, sees, site, twoPeople } from '../web/two-people';

beforeAll(openSite, 60_000);

const shows = (page: Parameters<typeof rows>[0], ...expected: string[]) =>
  eventually(async () => expect(await rows(page)).toEqual(expected));

test('[PAGE-23] what was written while no server was there survives a reload, and everybody gets it once and in order', async () => {
  const { mina, jun, room } = await twoPeople();
  await say(mina, 'before');
  await sees(jun, 'before');
  const restart = await site.stopServers();
  await say(mina, 'one');
  await say(mina, 'two');
  await shows(mina, 'before committed', 'one sending', 'two sending');
  await mina.reload();
  await mina.getByRole('heading', { name: room }).waitFor();
  await shows(mina, 'one sending', 'two sending');
  await say(mina, 'three');
  await mina.reload();
  await shows(mina, 'one sending', 'two sending', 'three sending');
  await restart();
  await eventually(async () => {
    expect(await rows(jun)).toEqual(['before', 'one', 'two', 'three'].map((text) => `${text} committed`));
    expect(await rows(mina)).toEqual(await rows(jun));
  }, 30_000);
  await mina.reload();
  await sees(mina, 'before', 'one', 'two', 'three');
}, 120_000);

test('[PAGE-23] of two pages of one person neither loses what the other has unsent, and another name is shown nothing', async () => {
  const { page: one } = await visit(browser, site);
  await joinAs(one, 'hana');
  await openRoom(one, 'tabs');
  const two = await one.context().newPage();
  await two.goto(site.url);
  await openRoom(two, 'tabs');
  await eventually(async () => expect(await rows(two)).toEqual([]));
  const restart = await site.stopServers();
  await say(one, 'of one');
  await say(two, 'of two');
  await Promise.all([one.reload(), two.reload()]);
  for (const page of [one, two]) await shows(page, 'of one sending', 'of two sending');
  await changeName(one);
  await joinAs(one, 'theo');
  await openRoom(one, 'tabs');
  await shows(one);
  await restart();
  for (const page of [one, two])
    await eventually(async () => {
      const texts = [...(await rows(page))].sort();
      expect(texts).toEqual(['of one committed', 'of two committed']);
    }, 30_000);
}, 120_000);
