import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { program, testFleet, type TestFleet } from '../support/fleet';
import { broken, brokenOn, changeRelease, mute, nextRelease, planOf } from '../support/releases';
import { startStandIn } from '../support/stand-in';

jest.setTimeout(240_000);

let fleet: TestFleet;
/** The build that `fleet deploy` brings. */
let built: string;

beforeAll(async () => {
  fleet = await testFleet(2);
  await fleet.done('up');
  built = planOf(fleet).release!;
});

const servers = async () => (await fleet.apps()).filter(({ name }) => /\d$/.test(name));
const named = async () => (await servers()).map(({ name }) => name).sort();
const chat = (offset: number): string => `chat-${fleet.basePort + offset}`;

/** A foreign program that knows nothing of what is asked. */
async function foreignOn(offset: number): Promise<void> {
  const foreign = await startStandIn(fleet.basePort + offset);
  foreign.answer = (_, response) => void response.writeHead(404).end();
}

/** What newcomers are answered while something is done. */
async function newcomersDuring<T>(work: Promise<T>): Promise<{ result: T; refused: number[] }> {
  const refused: number[] = [];
  let isOver = false;
  void work.finally(() => (isOver = true));
  while (!isOver) {
    const url = `http://127.0.0.1:${fleet.httpPort}/socket.io/?EIO=4&transport=polling`;
    const { status } = await fetch(url);
    if (status !== 200) refused.push(status);
    await new Promise((done) => setTimeout(done, 250));
  }
  return { result: await work, refused };
}

/** A deploy that is killed as soon as this holds. */
async function killedDeploy(when: () => Promise<void>): Promise<void> {
  const [stop, deploy] = [new AbortController(), ['dist/cli/main.js', 'deploy', '--within', '1s']];
  const cli = program(process.execPath, deploy, fleet.env, stop.signal, undefined, 'SIGKILL');
  await eventually(when, 60_000);
  stop.abort();
  await cli;
}

test('[SCALE-17] the spare of a deploy takes no port that another program has', async () => {
  await foreignOn(5);
  nextRelease(fleet, 'before', {});
  await fleet.done('restart', '--within', '1s');
  expect(await named()).toEqual([chat(0), chat(6)]);
});

test('[SCALE-16] [SCALE-17] a deploy of a build that dies, killed and typed again, costs nobody anything and goes back', async () => {
  const mend = changeRelease(fleet, built, broken);
  await killedDeploy(async () => expect(await named()).toContain(chat(1)));
  await foreignOn(1);
  const before = (await servers()).filter(({ name }) => name !== chat(1)).map(({ pid }) => pid);
  const { result, refused } = await newcomersDuring(fleet.run(['deploy', '--within', '1s']));
  mend();
  expect(refused).toEqual([]);
  expect(result.code).toBe(5);
  expect(result.stderr).toContain(`Not ready within 30 s: ${chat(7)}`);
  expect(result.stderr).toContain('All servers run the build from before (before).');
  expect(await named()).toEqual([chat(0), chat(6)]);
  expect((await servers()).map(({ pid }) => pid)).toEqual(before);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-16] a new server that passes no message is not taken over from a deploy that was killed', async () => {
  const mend = changeRelease(fleet, built, mute);
  const isSpare = ({ name, status }: { name: string; status: string }): boolean =>
    name === chat(7) && status === 'online';
  await killedDeploy(async () => expect((await servers()).some(isSpare)).toBe(true));
  const { result, refused } = await newcomersDuring(fleet.run(['deploy', '--within', '1s']));
  mend();
  expect(refused).toEqual([]);
  expect(result.code).toBe(5);
  expect(result.stderr).toContain(`No message went from ${chat(0)} to ${chat(7)}`);
  expect(await named()).toEqual([chat(0), chat(6)]);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-18] a fix is deployed while one of the servers dies again and again: that one is replaced first', async () => {
  changeRelease(fleet, 'before', brokenOn([`${fleet.basePort}`]));
  const { pid } = (await servers()).find(({ name }) => name === chat(0))!;
  process.kill(pid, 'SIGKILL');
  const statusOf = async (name: string) => (await servers()).find((each) => each.name === name)?.status;
  await eventually(async () => expect(await statusOf(chat(0))).toBe('waiting restart'));
  expect(await fleet.run(['scale', '3'])).toMatchObject({ code: 4 });

  const { result, refused } = await newcomersDuring(fleet.run(['deploy', '--within', '1s']));
  expect(refused).toEqual([]);
  expect(result).toMatchObject({ code: 0 });
  const drained = [...result.stderr.matchAll(/drain .* (chat-\d+)/g)].map(([, name]) => name);
  expect(drained).toEqual([chat(0), chat(6)]);
  expect(await named()).toEqual([chat(6), chat(7)]);
  for (const { script } of await servers()) expect(script).toContain(`/${built}/`);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-17] [SCALE-18] a dead server whose port another program has is replaced on another one', async () => {
  await fleet.pm2('stop', chat(6));
  await foreignOn(6);
  await fleet.done('deploy', '--within', '1s');
  expect(await named()).toEqual([chat(0), chat(7)]);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-18] a server that PM2 does not have is there again after a restart', async () => {
  await fleet.pm2('delete', chat(0));
  await fleet.done('restart', '--within', '1s');
  expect(await servers()).toHaveLength(2);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});

test('[SCALE-19] a scaling out whose new server does not get ready leaves all as it was', async () => {
  const files = () =>
    ['fleet.json', 'nginx/nginx.conf'].map((file) => readFileSync(join(fleet.varDir, file), 'utf8'));
  changeRelease(fleet, built, broken);
  const before = { files: files(), apps: (await fleet.apps()).map(({ name, pid }) => [name, pid]) };
  const { code, stderr } = await fleet.run(['scale', '3']);
  expect(code).toBe(5);
  expect(stderr).toMatch(/Not ready within 30 s: chat-\d+\n/);
  expect(files()).toEqual(before.files);
  expect((await fleet.apps()).map(({ name, pid }) => [name, pid])).toEqual(before.apps);
  expect(await fleet.status()).toMatchObject({ healthy: true });
});
