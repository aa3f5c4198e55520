import { open, readFile, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { SET_ASIDE } from '../../src/server/outbox/writer';
import { eventually } from '../support/eventually';
import { bodyOf, bytesIn, filesIn, idsOf, openOutbox, outboxFolder } from '../support/outbox';

/** The prototype of all file handles, to watch its methods. */
async function handles(): Promise<FileHandle> {
  const handle = await open(__filename);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

afterEach(() => jest.restoreAllMocks());

describe('an outbox on disk', () => {
  test('[OUTBOX-1] all messages of one turn are on the disk with one fdatasync, in their order', async () => {
    const folder = await outboxFolder();
    const { outbox, told } = await openOutbox(folder);
    const datasync = jest.spyOn(await handles(), 'datasync');
    const ids = Array.from({ length: 200 }, (_, i) => `m${i}`);
    const acknowledged: string[] = [];
    await Promise.all(
      ids.map(async (id) => acknowledged.push((await outbox.add('lobby', bodyOf(id, `user ${id}`))).id)),
    );
    expect(datasync).toHaveBeenCalledTimes(1);
    expect(acknowledged).toEqual(ids);
    expect(told).toEqual(ids);
    expect(outbox.pending('lobby').map(({ id }) => id)).toEqual(ids);
    expect(outbox.size).toBe(200);
  });

  test('[OUTBOX-1] nothing is acknowledged before the fdatasync ends; it is known from the call on', async () => {
    const { outbox, told } = await openOutbox(await outboxFolder());
    const prototype = await handles();
    const sync = prototype.datasync;
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => (go = resolve));
    const datasync = jest.spyOn(prototype, 'datasync').mockImplementation(async function (this: FileHandle) {
      await gate;
      await sync.call(this);
    });
    let acknowledged = false;
    const adding = outbox.add('lobby', bodyOf('m')).then(() => (acknowledged = true));
    expect(outbox.has('lobby', { from: 'ann', id: 'm' })).toBe(true);
    expect(outbox.blocks('lobby', 'ben')).toBe(true);
    await eventually(() => expect(datasync).toHaveBeenCalled());
    await outbox.look();
    expect([acknowledged, told, outbox.pending('lobby'), outbox.due(1)]).toEqual([false, [], [], []]);
    go();
    await adding;
    expect([told, idsOf(outbox.due(1))]).toEqual([['m'], ['m']]);
  });

  test('[OUTBOX-2] servers of one folder read each other as the files grow, and are told once', async () => {
    const folder = await outboxFolder();
    const a = await openOutbox(folder, 'a');
    const b = await openOutbox(folder, 'b');
    for (const id of ['1', '2', '3']) {
      const body = { ...bodyOf(id), text: `"quoted"\n \u{1F600} ${id}`, replyTo: { from: 'ben', id: 'x' } };
      await a.outbox.add('lobby', body);
      await b.outbox.look();
      expect(b.outbox.pending('lobby').at(-1)).toEqual(body);
    }
    expect(b.told).toEqual(['1', '2', '3']);
    expect(b.outbox.has('lobby', { from: 'ann', id: '2' })).toBe(true);
    expect(b.outbox.has('other', { from: 'ann', id: '2' })).toBe(false);
    expect([b.outbox.blocks('lobby', 'ann'), b.outbox.blocks('lobby', 'ben')]).toEqual([true, false]);
    expect([a.outbox.blocks('lobby', 'ben'), a.outbox.blocks('other', 'ann')]).toEqual([true, false]);
    expect([b.outbox.due(9), b.outbox.size]).toEqual([[], 0]);
    a.outbox.done(a.outbox.due(2));
    await eventually(() => expect(b.outbox.pending('lobby').map(({ id }) => id)).toEqual(['3']));
  });

  test('[OUTBOX-2] without being asked it reads within a fraction of a second while the log is away', async () => {
    const folder = await outboxFolder();
    const b = await openOutbox(folder, 'b', { isAway: () => true });
    const a = await openOutbox(folder, 'a');
    await a.outbox.add('lobby', bodyOf('m'));
    await eventually(() => expect(b.told).toEqual(['m']), 600);
  });

  test('[OUTBOX-3] one message, whoever holds it: the same content is the held one, another a conflict', async () => {
    const folder = await outboxFolder();
    const a = await openOutbox(folder, 'a');
    const b = await openOutbox(folder, 'b');
    const twice = [a.outbox.add('lobby', bodyOf('m')), a.outbox.add('lobby', { ...bodyOf('m'), at: 2_000 })];
    expect((await Promise.all(twice)).map(({ at }) => at)).toEqual([1_000, 1_000]);
    await b.outbox.look();
    for (const { outbox } of [a, b]) {
      expect((await outbox.add('lobby', { ...bodyOf('m'), at: 3_000 })).at).toBe(1_000);
      await expect(outbox.add('lobby', bodyOf('m', 'ann', 'else'))).rejects.toMatchObject({
        code: 'id_conflict',
      });
      const reply = { ...bodyOf('m'), replyTo: { from: 'ben', id: 'x' } };
      await expect(outbox.add('lobby', reply)).rejects.toMatchObject({ code: 'id_conflict' });
      expect(outbox.pending('lobby')).toHaveLength(1);
    }
    // B keeps a copy of what it acknowledged: A's file may yet be cut.
    expect([idsOf(b.outbox.due(9)), b.told]).toEqual([['m'], ['m']]);
    expect(await bytesIn(folder)).toMatch(/text of m[^]*text of m/);
    expect(await a.outbox.add('other', bodyOf('m'))).toEqual(bodyOf('m'));
  });

  test('[OUTBOX-4] due are the oldest first; a sender who changed servers waits for his earlier ones', async () => {
    const folder = await outboxFolder();
    const a = await openOutbox(folder, 'a');
    const b = await openOutbox(folder, 'b');
    await a.outbox.add('lobby', bodyOf('1'));
    await b.outbox.look();
    await Promise.all(['2', '3'].map((id) => b.outbox.add('lobby', bodyOf(id))));
    await b.outbox.add('other', bodyOf('4'));
    await b.outbox.add('lobby', bodyOf('5', 'ben'));
    await a.outbox.look();
    expect(idsOf(b.outbox.due(9))).toEqual(['4', '5']);
    expect(idsOf(b.outbox.due(1))).toEqual(['4']);
    expect(idsOf(a.outbox.due(9))).toEqual(['1']);
    a.outbox.done(a.outbox.due(9));
    expect(a.outbox.due(9)).toEqual([]);
    await eventually(() => expect(idsOf(b.outbox.due(9))).toEqual(['2', '3', '4', '5']));
  });

  test('[OUTBOX-14] rooms that rest hold up no others, however much they hold', async () => {
    const { outbox } = await openOutbox(await outboxFolder());
    await Promise.all(['1', '2', '3'].map((id) => outbox.add('resting', bodyOf(id))));
    await outbox.add('lobby', bodyOf('4'));
    expect(idsOf(outbox.due(1, (room) => room === 'resting'))).toEqual(['4']);
    expect(idsOf(outbox.due(1))).toEqual(['1']);
  });

  test('[OUTBOX-15] of a room the newest 1,000 are shown as pending, each once', async () => {
    const folder = await outboxFolder();
    const a = await openOutbox(folder, 'a');
    const b = await openOutbox(folder, 'b');
    const ids = Array.from({ length: 1_002 }, (_, i) => `m${i}`);
    await Promise.all(ids.map((id) => a.outbox.add('lobby', bodyOf(id))));
    await b.outbox.look();
    expect(b.outbox.pending('lobby').map(({ id }) => id)).toEqual(ids.slice(2));
    expect(idsOf(a.outbox.due(2_000))).toEqual(ids);
  });

  test('[OUTBOX-5] what is done is held no longer, and a file of which all is done goes', async () => {
    const folder = await outboxFolder();
    const { outbox } = await openOutbox(folder);
    await Promise.all(['1', '2'].map((id) => outbox.add('lobby', bodyOf(id))));
    const [first, second] = outbox.due(2);
    outbox.done([first!]);
    expect(outbox.has('lobby', { from: 'ann', id: '1' })).toBe(false);
    await eventually(async () => expect(await bytesIn(folder)).toContain('"done":[1]'));
    expect(await filesIn(folder)).toHaveLength(1);
    outbox.done([second!]);
    expect([outbox.size, outbox.blocks('lobby', 'ann')]).toEqual([0, false]);
    await eventually(async () => expect(await filesIn(folder)).toEqual([]));
    await outbox.add('lobby', bodyOf('3'));
    expect(idsOf(outbox.due(9))).toEqual(['3']);
  });

  test('[OUTBOX-6] only the own user may read it, and closing leaves the files', async () => {
    const folder = join(await outboxFolder(), 'new', 'outbox');
    const { outbox } = await openOutbox(folder);
    await outbox.add('lobby', bodyOf('m'));
    await outbox.close();
    const [name] = await filesIn(folder);
    const modes = [await stat(folder), await stat(join(folder, name!))].map(({ mode }) => mode & 0o777);
    expect(modes).toEqual([0o700, 0o600]);
    await expect(outbox.add('lobby', bodyOf('n'))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('[OUTBOX-13] what the log refuses is put aside for the operator, and blocks nobody', async () => {
    const folder = await outboxFolder();
    const { outbox, reports } = await openOutbox(folder);
    await Promise.all(['1', '2'].map((id) => outbox.add('lobby', bodyOf(id))));
    outbox.setAside(outbox.due(1), 'no such room');
    expect(idsOf(outbox.due(9))).toEqual(['2']);
    expect(reports).toEqual([expect.stringContaining('no such room')]);
    await eventually(async () => expect(await bytesIn(folder)).toContain('"done":[1]'));
    const line = JSON.parse(await readFile(join(folder, SET_ASIDE), 'utf8')) as object;
    expect(line).toMatchObject({ why: 'no such room', room: 'lobby', body: bodyOf('1') });
  });

  test('[OUTBOX-2] a listener that throws is reported, and harms nobody', async () => {
    const { outbox, reports, told } = await openOutbox(await outboxFolder());
    outbox.onHeld(() => {
      throw new Error('broken');
    });
    await outbox.add('lobby', bodyOf('m'));
    expect([reports.length, told]).toEqual([1, ['m']]);
  });
});
