import { execFileSync } from 'node:child_process';
import {
  appendFile,
  open,
  readdir,
  readFile,
  rm,
  truncate,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { decode, encodeDone, encodeMessage } from '../../src/server/outbox/format';
import type { Held } from '../../src/server/outbox/types';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { bodyOf, bytesIn, filesIn, idsOf, openOutbox, outboxFolder } from '../support/outbox';

const NAME = 'dead.00ff.1.outbox';
const heldOf = (n: number): Held => ({ room: 'lobby', body: bodyOf(`m${n}`), order: n });
const lines = (...indexes: number[]): string => indexes.map((n) => encodeMessage(n, heldOf(n))).join('');

/** Opens an outbox in a folder where a dead server left this file, and adopts it. */
async function adopting(
  content: string | Buffer,
): Promise<{ folder: string; ids: string[]; reports: string[] }> {
  const folder = await outboxFolder();
  await writeFile(join(folder, NAME), content);
  const { outbox, reports } = await openOutbox(folder, 'b');
  await outbox.adopt(0);
  const ids = idsOf(outbox.due(99));
  await outbox.close();
  return { folder, ids, reports };
}

afterEach(() => jest.restoreAllMocks());

describe('torn and damaged files', () => {
  test('[OUTBOX-11] of a file that the disk gives back in part that part is adopted; it stays for the operator', async () => {
    const folder = await outboxFolder();
    const whole = `${lines(1, 2)}${'x'.repeat(300_000)}\n${lines(3)}`;
    await writeFile(join(folder, NAME), whole);
    const handle = await open(__filename);
    await handle.close();
    const prototype = Object.getPrototypeOf(handle) as { read: (...args: unknown[]) => Promise<unknown> };
    const { read } = prototype;
    jest.spyOn(prototype, 'read').mockImplementation(function (this: FileHandle, ...args: unknown[]) {
      return args[3] === 0 ? read.apply(this, args) : Promise.reject(new Error('EIO'));
    });
    const { outbox, reports } = await openOutbox(folder, 'b');
    await outbox.adopt(0);
    expect(idsOf(outbox.due(9))).toEqual(['m1', 'm2']);
    expect(reports).toEqual([expect.stringContaining('cannot be read to its end')]);
    outbox.done(outbox.due(9));
    await eventually(async () => expect(await filesIn(folder)).toEqual([]));
    const [left] = await readdir(folder);
    expect(await readFile(join(folder, left!), 'utf8')).toBe(whole);
  });

  test('[OUTBOX-10] cut at any byte of its last record a file keeps all the others, and the cut is reported', async () => {
    const whole = Buffer.from(lines(1, 2, 3));
    const start = Buffer.byteLength(lines(1, 2));
    for (let size = start; size < whole.length; size++) {
      const { ids, reports } = await adopting(whole.subarray(0, size));
      expect([size, ids]).toEqual([size, ['m1', 'm2']]);
      expect(reports).toEqual(size === start ? [] : [expect.stringContaining('not whole')]);
    }
  });

  test('[OUTBOX-10] what is done of a torn file is noted in it so that others can read it', async () => {
    const folder = await outboxFolder();
    await writeFile(join(folder, NAME), lines(1, 2) + 'torn');
    const [b, c] = [await openOutbox(folder, 'b'), await openOutbox(folder, 'c')];
    await b.outbox.adopt(0);
    b.outbox.done(b.outbox.due(1));
    await eventually(() => expect(c.outbox.pending('lobby').map(({ id }) => id)).toEqual(['m2']));
  });

  test('[OUTBOX-11] a damaged line is skipped and reported once with its place, whatever bit is flipped', async () => {
    const whole = Buffer.from(lines(1, 2, 3));
    const [from, to] = [Buffer.byteLength(lines(1)), Buffer.byteLength(lines(1, 2)) - 1];
    for (let byte = from; byte < to; byte += 7) {
      const flipped = Buffer.from(whole);
      flipped[byte]! ^= 1 << (byte % 8);
      if (flipped[byte] === 0x0a) continue;
      const { ids, reports } = await adopting(flipped);
      expect([byte, ids]).toEqual([byte, ['m1', 'm3']]);
      expect(reports).toEqual([expect.stringContaining(`${NAME}:2: a damaged line`)]);
    }
  });

  test('[OUTBOX-11] garbage of any length is skipped, and what follows is read', async () => {
    const garbage = Buffer.alloc(1_000_000, 'x');
    const { ids, reports } = await adopting(
      Buffer.concat([Buffer.from(lines(1)), garbage, Buffer.from(`\n${lines(2)}`)]),
    );
    expect(ids).toEqual(['m1', 'm2']);
    expect(reports.length).toBeGreaterThan(0);
  });

  test('[OUTBOX-11] records with a right checksum and a wrong shape are damaged lines', () => {
    const line = (json: string): string => `${crc32(json).toString(16).padStart(8, '0')} ${json}`;
    const { body } = heldOf(1);
    const wrong: unknown[] = [
      null,
      1,
      [],
      {},
      { v: 1 },
      { v: 1, done: ['x'] },
      { v: 1, i: -1, order: 1, room: 'r', body },
      { v: 1, i: 1, order: 1, room: 7, body },
      { v: 1, i: 1, order: 1, room: 'r', body: { ...body, from: null } },
      { v: 1, i: 1, order: 1, room: 'r', body: { ...body, kind: 'edit' } },
      { v: 1, i: 1, order: 1, room: 'r', body: { ...body, replyTo: 'x' } },
    ];
    const kinds = wrong.map((value) => decode(line(JSON.stringify(value))).kind);
    expect(new Set(kinds.slice(4))).toEqual(new Set(['damaged']));
    expect(new Set(kinds)).toEqual(new Set(['damaged', 'unknown']));
    expect(decode(line('{')).kind).toBe('damaged');
    expect(decode('').kind).toBe('damaged');
    expect(decode(encodeMessage(1, heldOf(1)).trimEnd())).toEqual({
      kind: 'message',
      index: 1,
      held: heldOf(1),
    });
    expect(decode(encodeDone([1, 2]).trimEnd())).toEqual({ kind: 'done', indexes: [1, 2] });
  });

  test('[OUTBOX-11] a file with records of another version is read as far as known, reported, and never removed', async () => {
    const json = '{"v":2,"new":true}';
    const line = `${crc32(json).toString(16).padStart(8, '0')} ${json}\n`;
    const folder = await outboxFolder();
    await writeFile(join(folder, NAME), lines(1) + line);
    const { outbox, reports } = await openOutbox(folder, 'b');
    await outbox.adopt(0);
    expect(reports).toEqual([expect.stringContaining('unknown version')]);
    outbox.done(outbox.due(9));
    await eventually(async () => expect(await bytesIn(folder)).toContain('done'));
    const other = await openOutbox(folder, 'c');
    await other.outbox.adopt(0);
    await outbox.look();
    expect(await bytesIn(folder)).toContain('"v":2');
  });

  test('[OUTBOX-11] a file that becomes shorter is read anew', async () => {
    const folder = await outboxFolder();
    await writeFile(join(folder, NAME), lines(1, 2));
    const { outbox, told } = await openOutbox(folder, 'b');
    await truncate(join(folder, NAME), Buffer.byteLength(lines(1)));
    await outbox.look();
    expect(outbox.pending('lobby').map(({ id }) => id)).toEqual(['m1']);
    await appendFile(join(folder, NAME), lines(3));
    await outbox.look();
    expect([outbox.pending('lobby').length, told]).toEqual([2, ['m3']]);
  });
});

describe('a disk that does not take it', () => {
  const isRoot = process.getuid?.() === 0 && process.platform === 'linux';

  (isRoot ? test : test.skip)(
    '[OUTBOX-12] a full disk (needs root): an error, nothing lost, and it heals',
    async () => {
      const folder = await outboxFolder();
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder]);
      onCleanup(() => execFileSync('umount', ['-l', folder]));
      const { outbox, reports } = await openOutbox(folder);
      await outbox.add('lobby', bodyOf('1'));
      await writeFile(join(folder, 'ballast'), Buffer.alloc(2_000_000)).catch(() => undefined);
      const big = Array.from({ length: 3 }, (_, i) =>
        outbox.add('lobby', bodyOf(`big${i}`, 'ben', 'x'.repeat(9_000))),
      );
      for (const adding of big)
        await expect(adding).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 5_000 });
      expect([outbox.works, reports.length, idsOf(outbox.due(9))]).toEqual([false, 1, ['1']]);
      const other = await openOutbox(folder, 'b');
      expect(other.outbox.pending('lobby').map(({ id }) => id)).toEqual(['1']);
      await rm(join(folder, 'ballast'));
      await eventually(() => expect(outbox.works).toBe(true));
      await outbox.add('lobby', bodyOf('2'));
      expect(idsOf(outbox.due(9))).toEqual(['1', '2']);
      outbox.done(outbox.due(9));
      await eventually(async () => expect(await filesIn(folder)).toEqual([]));
      for (const { outbox: each } of [other, { outbox }]) await each.close();
    },
  );

  test('[OUTBOX-12] after a failed fdatasync nothing is acknowledged, and the file is not written again', async () => {
    const folder = await outboxFolder();
    const { outbox, reports } = await openOutbox(folder);
    await outbox.add('lobby', bodyOf('1'));
    const [name] = await filesIn(folder);
    const before = await readFile(join(folder, name!), 'utf8');
    const handle = await open(__filename);
    await handle.close();
    const error = Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' });
    jest.spyOn(Object.getPrototypeOf(handle) as FileHandle, 'datasync').mockRejectedValueOnce(error);
    await expect(outbox.add('lobby', bodyOf('2'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(outbox.has('lobby', { from: 'ann', id: '2' })).toBe(false);
    expect(reports).toHaveLength(1);
    await outbox.add('lobby', bodyOf('3'));
    expect([outbox.works, idsOf(outbox.due(9))]).toEqual([true, ['1', '3']]);
    expect(await filesIn(folder)).toHaveLength(2);
    expect(await readFile(join(folder, name!), 'utf8')).toBe(before);
  });

  test('[OUTBOX-12] without a folder that can be made it opens, reports, and refuses', async () => {
    const { outbox, reports } = await openOutbox(join(__filename, 'folder'));
    await expect(outbox.add('lobby', bodyOf('1'))).rejects.toMatchObject({ code: 'unavailable' });
    expect(outbox.works).toBe(false);
    expect(reports.length).toBeGreaterThan(0);
  });

  test('[OUTBOX-12] over the bound it refuses, and takes again when there is room', async () => {
    const folder = await outboxFolder();
    const { outbox } = await openOutbox(folder, 'a', { maxBytes: 10_000 });
    const add = (id: string): Promise<unknown> => outbox.add('lobby', bodyOf(id, 'ann', 'x'.repeat(1_000)));
    const results = await Promise.allSettled(Array.from({ length: 12 }, (_, i) => add(`m${i}`)));
    expect(results.map(({ status }) => status)).toEqual([
      ...Array<string>(8).fill('fulfilled'),
      ...Array<string>(4).fill('rejected'),
    ]);
    await expect(add('late')).rejects.toMatchObject({ code: 'unavailable', retryAfterMs: 5_000 });
    expect(outbox.works).toBe(true);
    outbox.done(outbox.due(8));
    await eventually(async () => expect(await filesIn(folder)).toEqual([]));
    await add('late');
  });
});
