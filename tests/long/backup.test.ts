import { mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Answer, JoinAnswer, SendAnswer } from '../../src/protocol/events';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { program, testFleet, type TestFleet } from '../support/fleet';
import { connected } from '../support/server';

jest.setTimeout(180_000);

const room = 'kept';
let fleet: TestFleet;
let folder: string;
let count = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'chat-backup-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  fleet = await testFleet(2);
  expect((await fleet.run(['up'])).code).toBe(0);
});

const url = (): string => `http://127.0.0.1:${fleet.httpPort}`;

/** Says something; resolves with the text and how it was acknowledged. */
async function say(): Promise<{ text: string; status: string }> {
  const text = `message ${++count}`;
  const { socket } = await connected(url(), { auth: { name: 'Ann' } });
  await socket.emitWithAck('join', { room });
  const sent: unknown = await socket.emitWithAck('sendMessage', { room, text, id: text });
  const answer = sent as Answer<SendAnswer>;
  socket.disconnect();
  if (!answer.ok) throw new Error(answer.error.code);
  return { text, status: answer.status };
}

const sayAll = async (times: number): Promise<string[]> => {
  const texts: string[] = [];
  for (let i = 0; i < times; i++) texts.push((await say()).text);
  return texts;
};

/** What one who joins sees. */
async function shown(): Promise<string[]> {
  const { socket } = await connected(url(), { auth: { name: 'Bob' } });
  const joined: unknown = await socket.emitWithAck('join', { room });
  const answer = joined as Answer<JoinAnswer>;
  socket.disconnect();
  if (!answer.ok || answer.reason === 'degraded') throw new Error('there is no history at the moment');
  return answer.messages.map((message) => ('text' in message ? message.text : ''));
}

const unpack = (file: string, ...parts: string[]) =>
  program('tar', ['-xzf', file, '-C', fleet.varDir, ...parts], {});

/** As docs/OPERATING.md says. */
async function restore(file: string): Promise<void> {
  expect((await fleet.run(['down'])).code).toBe(0);
  for (const name of ['redis', 'outbox'])
    renameSync(join(fleet.varDir, name), join(folder, `${name}.${++count}`));
  expect(await unpack(file)).toMatchObject({ code: 0 });
  expect(await fleet.run(['up'])).toMatchObject({ code: 0 });
}

test('[PROD-9] a backup of a running fleet holds all that was acknowledged before it, for its user alone', async () => {
  const file = join(folder, 'running.tgz');
  const before = await sayAll(5);
  const { code, stdout } = await fleet.run(['backup', file]);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining(file) as string });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const again = await fleet.run(['backup', file]);
  expect(again).toMatchObject({ code: 4, stdout: '' });
  expect(again.stderr).toContain('exists already');
  const after = await sayAll(2);
  await restore(file);
  expect(await shown()).toEqual(before);
  expect(after).toHaveLength(2);
  expect((await say()).status).toBe('committed');
});

test('[PROD-10] what waits for Redis on the disk is in the backup too, and is in the log after it was put back', async () => {
  const file = join(folder, 'queued.tgz');
  await fleet.pm2('stop', 'chat-redis');
  const { text } = await eventually(async () => {
    const said = await say();
    expect(said.status).toBe('queued');
    return said;
  });
  expect((await fleet.run(['backup', file])).code).toBe(0);
  await restore(file);
  await eventually(
    async () => expect((await shown()).filter((each) => each === text)).toEqual([text]),
    30_000,
  );
});

test('[PROD-11] a backup of Redis can be put back while servers run, also when they remember nothing of it', async () => {
  const file = join(folder, 'live.tgz');
  const before = await sayAll(3);
  expect((await fleet.run(['backup', file])).code).toBe(0);
  // Those that took the messages would put them back by themselves.
  await fleet.done('restart', '--within', '1s');
  await fleet.pm2('stop', 'chat-redis');
  renameSync(join(fleet.varDir, 'redis'), join(folder, 'redis.live'));
  expect(await unpack(file, './redis')).toMatchObject({ code: 0 });
  await fleet.pm2('start', 'chat-redis');
  await eventually(async () => expect(await shown()).toEqual(expect.arrayContaining(before)), 30_000);
  await eventually(async () => expect((await say()).status).toBe('committed'), 30_000);
});
