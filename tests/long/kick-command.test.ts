import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { testFleet, type TestFleet } from '../support/fleet';
import { enter, named, refusedConnection } from '../support/person';

jest.setTimeout(90_000);

let fleet: TestFleet;

beforeAll(async () => {
  fleet = await testFleet(2);
});

test('[KICK-7] where no fleet was ever started it says so, and makes nothing', async () => {
  const bans = await fleet.run(['bans']);
  expect(bans).toMatchObject({ code: 4, stdout: '' });
  expect(bans.stderr).toContain('No fleet was ever started here');
  expect(existsSync(fleet.varDir)).toBe(false);
});

test('[KICK-7] without a server that answers, the command says so and what to do', async () => {
  mkdirSync(fleet.varDir);
  writeFileSync(join(fleet.varDir, 'fleet.json'), JSON.stringify({ servers: 2, basePort: fleet.basePort }));
  for (const args of [['kick', 'guest:Eve', '--forever'], ['unban', 'guest:Eve'], ['bans']]) {
    const { code, stdout, stderr } = await fleet.run(args);
    expect({ args, code, stdout }).toEqual({ args, code: 4, stdout: '' });
    expect(stderr).toContain(`chat-${fleet.basePort + 1}: no answer on port ${fleet.basePort + 1}`);
    expect(stderr).toMatch(/(Nobody was kicked or banned|The list of bans is as it was)\.\nNext: /);
  }
});

test('[KICK-7] wrong usage is exit code 2', async () => {
  const wrong = [
    ['kick'],
    ['kick', 'a', '--for', 'soon'],
    ['kick', 'a', '--for', '1h', '--forever'],
    ['unban'],
  ];
  for (const args of wrong) {
    const { code, stdout } = await fleet.run(args);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
  }
});

test('[KICK-7] kick, unban and bans reach every server, also of a fleet with secrets of an earlier version', async () => {
  const file = join(fleet.varDir, 'secrets.json');
  const { operatorSecret, ...earlier } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;
  writeFileSync(file, JSON.stringify(earlier));
  expect((await fleet.run(['up'])).code).toBe(0);
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...earlier, operatorSecret });

  const servers = [0, 1].map((i) => ({ url: `http://127.0.0.1:${fleet.basePort + i}` }));
  const eves = await Promise.all(servers.map((server) => enter(server, named('Eve'))));
  const byes: string[] = [];
  for (const { socket } of eves) socket.on('bye', ({ code }) => byes.push(code));
  const plain = await fleet.run(['kick', 'guest:Eve']);
  expect(plain).toMatchObject({ code: 0, stdout: '2 connections of guest:Eve ended.\n' });
  await eventually(() => expect(byes).toEqual(['kicked', 'kicked']));
  await enter(servers[1]!, named('Eve'));
  expect((await fleet.run(['kick', 'Eve'])).stdout).toBe(
    '0 connections of Eve ended.\nIds of guests begin with guest:, as in guest:Ann.\n',
  );

  const before = Date.now();
  const { code, stdout } = await fleet.run(['kick', 'guest:Eve', '--for', '1h', '--json']);
  const result = JSON.parse(stdout) as { until: number };
  expect({ code, result }).toMatchObject({
    code: 0,
    result: { schema: 'fleet.kick/1', user: 'guest:Eve', everywhere: true },
  });
  expect(Math.abs(result.until - before - 3_600_000)).toBeLessThan(60_000);
  for (const { url } of servers)
    await eventually(async () => expect((await refusedConnection(url, named('Eve'))).code).toBe('kicked'));
  expect((await fleet.run(['bans'])).stdout).toMatch(
    /^guest:Eve {2}until \d{4}-\S+T\d\d:\d\d:\d\d[+-]\d\d:\d\d\n$/,
  );
  expect((await fleet.run(['unban', 'guest:Eve'])).stdout).toBe('guest:Eve may connect again.\n');
  expect((await fleet.run(['bans'])).stdout).toBe('Nobody is banned.\n');
  for (const server of servers) await eventually(() => enter(server, named('Eve')));
});
