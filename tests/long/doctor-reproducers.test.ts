import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { availableParallelism } from 'node:os';
import { readSecrets } from '../../src/config/secrets';
import { askRedis } from '../../src/fleet/ask-redis';
import { nginxFiles } from '../../src/fleet/nginx';
import { readPlan } from '../../src/fleet/prepare';
import { isAlive } from '../../src/fleet/processes';
import { ours } from '../../src/load/raw/dialects';
import { runLoad } from '../../src/load/raw/run';
import { checks } from '../../src/monitor/doctor/checks';
import { lookAt } from '../../src/monitor/doctor/look';
import { diagnose, type CheckResult } from '../../src/monitor/doctor/run';
import { doctorEn } from '../../src/monitor/words/doctor-en';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { enter, named } from '../support/person';
import { program } from '../support/fleet';
import { enterRaw, type RawSocket } from '../support/raw';
import { crowdAt } from '../support/raw-crowd';
import { TroubledFleet } from '../support/troubled-fleet';

/** One fleet for all: each reproducer takes back what it did. */
let fleet: TroubledFleet;
let first: string;
const target = () => ({ host: '127.0.0.1', port: fleet.fleet.httpPort });
const url = () => `http://127.0.0.1:${fleet.fleet.httpPort}`;
const reproduced = new Set<string>();

beforeAll(async () => {
  fleet = await TroubledFleet.make(2, 1);
  first = `chat-${fleet.fleet.basePort}`;
  expect((await fleet.fleet.run(['up'])).code).toBe(0);
}, 120_000);

async function look(only = checks): Promise<CheckResult[]> {
  process.env.PM2_HOME = fleet.fleet.env.PM2_HOME; // of this test file only
  const plan = readPlan(fleet.fleet.varDir)!;
  return (await diagnose(lookAt(plan, fleet.settings), doctorEn, only)).checks;
}

const onlyCheck = (name: string) => checks.filter((check) => check.name === name);

/** The check finds it, among others that may suffer from the same. */
async function finds(name: string, what: RegExp, withinMs = 40_000): Promise<void> {
  const said = await eventually(async () => {
    const [check] = await look(onlyCheck(name));
    const whats = check!.findings.map((finding) => finding.what);
    expect(whats).toContainEqual(expect.stringMatching(what));
    return whats.find((each) => what.test(each))!;
  }, withinMs);
  reproduced.add(name);
  process.stderr.write(`${name}: ${said}\n`);
}

/** What was done is taken back, and the check finds nothing any more. */
async function heals(name: string): Promise<void> {
  await eventually(
    async () => expect((await look(onlyCheck(name)))[0]).toMatchObject({ state: 'ok' }),
    40_000,
  );
}

test('[DOCTOR-6] a real fleet that is loaded, and well, has no finding', async () => {
  let checked: Promise<void> | undefined;
  const load = { users: 120, rooms: 6, rate: 60, warmUpMs: 2_000, forMs: 30_000 };
  const result = await runLoad([target()], ours, load, {
    progress: () => undefined,
    begins: () => {
      const well = (): Promise<void> =>
        look().then((all) => expect(all.filter(({ state }) => state !== 'ok')).toEqual([]));
      checked = eventually(well, 25_000);
    },
  });
  await checked;
  expect(result.deliveriesInTime).toBeGreaterThan(0);
}, 120_000);

describe('[DOCTOR-7] on a real fleet each check finds what it is for', () => {
  test('typing-storm', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => enterRaw(url())));
    for (let i = 0; i < 3_000; i++)
      for (const person of people) person.send(`42["typing",{"room":"lobby","active":${i % 2 === 0}}]`);
    await finds('typing-storm', /^typing is \d\d % of all calls: 1\d,\d{3} in the hour from .*$/);
    await Promise.all(people.map((person) => person.end()));
  }, 90_000);

  test('reconnect-storm', async () => {
    for (let i = 0; i < 3; i++) (await crowdAt(target(), 400)).close();
    await finds('reconnect-storm', /^people connected [\d,]+ times an hour, and \d+ are there/);
  }, 90_000);

  test('skew', async () => {
    const people: RawSocket[] = [];
    while (people.length < 110) people.push(await enterRaw(url()));
    await finds('skew', /^chat-\d+ has 110 of 110 connections, 2\.0 times its share; 1\d\d of 1\d\d connections of nginx come from 127\.0\.0\.0\/24$/);
    await Promise.all(people.map((person) => person.end()));
    await heals('skew');
  }, 90_000); // prettier-ignore

  test('polling-share', async () => {
    const crowd = await crowdAt(target(), 30, 'polling');
    await finds('polling-share', /^30 of 30 people are on polling \(100 %\)/);
    crowd.close();
    await fleet.fleet.pm2(
      'restart',
      first,
      first.replace(/\d+$/, (port) => `${Number(port) + 1}`),
    );
    await heals('polling-share');
  }, 120_000);

  test('descriptors', async () => {
    const pid = await fleet.pidOf(first);
    const limit = (most: number) => program('prlimit', ['--pid', `${pid}`, `--nofile=${most}:`], {});
    const before = /Max open files\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))![1]!;
    await limit(readdirSync(`/proc/${pid}/fd`).length + 3);
    await finds('descriptors', new RegExp(`^${first} has \\d+ of \\d+ file descriptors open$`));
    await limit(Number(before));
    const crowd = await crowdAt(target(), 40);
    const { conf } = nginxFiles(fleet.fleet.varDir);
    const good = readFileSync(conf, 'utf8');
    const each = Math.floor(90 / availableParallelism());
    writeFileSync(conf, good.replace(/worker_connections \d+/, `worker_connections ${each}`));
    await finds('descriptors', /^nginx has \d\d % of the connections it may have$/);
    await finds(
      'plan-holds',
      /^nginx runs with another configuration than plan, settings and template give$/,
    );
    writeFileSync(conf, good);
    crowd.close();
    await heals('descriptors');
  }, 120_000);

  test('plan-holds', async () => {
    await fleet.fleet.pm2('stop', first);
    await finds('plan-holds', new RegExp(`^${first} is planned, but PM2 does not run it$`));
    await fleet.fleet.pm2('restart', first);
    await heals('plan-holds');
  }, 120_000);

  test('servers-answer', async () => {
    const pid = await fleet.pidOf(first);
    onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT'));
    process.kill(pid, 'SIGSTOP');
    await finds('servers-answer', new RegExp(`^${first} does not answer$`));
    process.kill(pid, 'SIGCONT');
    await heals('servers-answer');
  }, 120_000);

  test('record', async () => {
    const pid = await fleet.pidOf('chat-monitor');
    onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT'));
    process.kill(pid, 'SIGSTOP');
    await finds('record', /^the record has had no line for two intervals$/);
    process.kill(pid, 'SIGCONT');
    await heals('record');
  }, 120_000);

  test('loop-blocked', async () => {
    fleet.ask({ server: first, blockMs: 1_500 });
    await finds('loop-blocked', new RegExp(`^${first}: its event loop stood still for .* just now$`));
    fleet.ask({});
  }, 120_000);

  test('garbage-collection', async () => {
    fleet.ask({ server: first, garbage: 400_000 });
    await finds(
      'garbage-collection',
      new RegExp(`^${first}: \\d\\d % of its time goes into garbage collection$`),
    );
    fleet.ask({});
    await heals('garbage-collection');
  }, 120_000);

  test('overload, and saturation by other things than fan-out', async () => {
    fleet.ask({ server: first, chokeMs: 100 });
    await finds('overload', new RegExp(`^${first} is overloaded: it refuses newcomers`));
    await finds(
      'fan-out-saturates',
      new RegExp(`^${first}: event loop \\d+ % busy, CPU \\d+ %, at \\d+ calls`),
    );
    fleet.ask({});
    await heals('overload');
  }, 120_000);

  test('fan-out-saturates', async () => {
    fleet.ask({ deliveryMicros: 3_000 });
    let found: Promise<void> | undefined;
    await runLoad([{ host: '127.0.0.1', port: fleet.fleet.basePort }], ours, { users: 40, rooms: 1, rate: 12, warmUpMs: 1_000, forMs: 20_000 }, {
      progress: () => undefined,
      begins: () => void (found = finds('fan-out-saturates', /event loop \d+ % busy, CPU \d+ %, by fan-out: \d+ deliveries a second$/)),
    });
    await found;
    fleet.ask({});
    await heals('fan-out-saturates');
  }, 180_000); // prettier-ignore

  test('host-starved', async () => {
    const spin = Array.from({ length: 2 * availableParallelism() }, () =>
      spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
    );
    onCleanup(() => spin.forEach((child) => child.kill('SIGKILL')));
    await finds('host-starved', /^the machine is \d+ % busy, of which the chat servers have [\d.]+ %$/);
    for (const child of spin) child.kill('SIGKILL');
  }, 90_000);

  test('redis-fast', async () => {
    let slow = true;
    // Some 0.2 s. Not by the clock: newer builds of Redis have no `os`, and TIME stands still in a script.
    const script = 'for i = 1, 5e7 do end return 1';
    // On one connection: while another one is made, ten round trips fit in between.
    const loop = askRedis(fleet.settings, 'test', async (redis) => {
      while (slow) await redis.run('', (client) => client.eval(script));
    });
    await finds('redis-fast', /^the slowest of ten round trips took [\d.]+ m?s$/);
    slow = false;
    await loop;
    await heals('redis-fast');

    const reader = connect(fleet.fleet.redisPort, '127.0.0.1');
    onCleanup(() => reader.destroy());
    const { redisPassword } = readSecrets(fleet.fleet.varDir);
    reader.write(`AUTH ${redisPassword}\r\nSUBSCRIBE flood\r\n`);
    await once(reader, 'data');
    reader.pause();
    for (let i = 0; i < 6; i++) await fleet.redis('PUBLISH', 'flood', 'x'.repeat(4 * 2 ** 20));
    await finds('redis-fast', /^\d+ MB wait for one reader; Redis cuts it off at its limit$/);
    reader.destroy();
  }, 120_000);

  test('redis-room', async () => {
    const info = String(await fleet.redis('INFO', 'memory'));
    const [, used, most] = /used_memory:(\d+)[^]*\nmaxmemory:(\d+)/.exec(info)!;
    await fleet.redis('CONFIG', 'SET', 'maxmemory', `${Math.round(Number(used) * 1.25)}`);
    await finds('redis-room', /^Redis uses \d\d % of its memory/);
    await fleet.redis('CONFIG', 'SET', 'maxmemory', most!);
    await heals('redis-room');
  }, 90_000);

  test('redis-keeps', async () => {
    await fleet.redis('CONFIG', 'SET', 'appendonly', 'no');
    await finds('redis-keeps', /^appendonly is no/);
    await fleet.redis('CONFIG', 'SET', 'appendonly', 'yes');
    await heals('redis-keeps');
  }, 90_000);

  test('deaf', async () => {
    await fleet.redis('ACL', 'SETUSER', 'default', '-subscribe', '-ssubscribe', '-psubscribe');
    await fleet.redis('CLIENT', 'KILL', 'TYPE', 'pubsub');
    await finds('deaf', new RegExp(`^${first} is deaf: Redis takes what it writes`));
    await fleet.redis('ACL', 'SETUSER', 'default', '+@all');
    await heals('deaf');
  }, 120_000);

  test('outbox-empty', async () => {
    const ann = await enter({ url: `http://127.0.0.1:${fleet.fleet.basePort}` }, named('Ann'));
    await fleet.fleet.pm2('stop', 'chat-redis');
    await eventually(async () =>
      expect(await ann.ask('sendMessage', { room: 'lobby', text: 'hello' })).toMatchObject({
        status: 'queued',
      }),
    );
    await finds('outbox-empty', new RegExp(`^\\d+ messages wait on the disk of ${first} for Redis$`));
    await fleet.fleet.pm2('restart', 'chat-redis');
    await heals('outbox-empty');
  }, 120_000);

  test('no check is left out, and the command says all of it in Korean', async () => {
    expect([...reproduced].sort()).toEqual(checks.map(({ name }) => name).sort());
    const { stdout } = await fleet.fleet.run(['doctor', '--lang', 'ko']);
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^정상 \d+, 문제 발견 \d+, 확인 실패 0\.$/);
    const { stdout: json } = await fleet.fleet.run(['doctor', '--json'], { LANG: 'ko_KR.UTF-8' });
    expect(json).toContain('"title": "Every server of the plan answers, and is well"');
  }, 60_000);
});
