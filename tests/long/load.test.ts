import { program, projectRoot, testFleet, type TestFleet } from '../support/fleet';

/** The story in full length: 100 arrivals a second for 60 s, by Artillery and over many networks. */
let fleet: TestFleet;
let url: string;

beforeAll(async () => {
  fleet = await testFleet(2);
  url = `http://localhost:${fleet.httpPort}`;
  expect((await fleet.run(['up'])).code).toBe(0);
}, 60_000);

const npmRun = (...args: string[]) =>
  program('npm', ['--silent', 'run', ...args], fleet.env, undefined, projectRoot);

test('[LOAD-1] the load of the story, by Artillery from one address: every virtual user completes', async () => {
  const { code, stdout } = await npmRun('load:story', '--', '--target', url);
  expect(stdout).toContain('6000 virtual users, 6000 completed, 0 failed');
  expect(code).toBe(0);
}, 600_000);

test('[LOAD-2] the same load from many networks spreads over the fleet, and nobody misses a message', async () => {
  const { code, stdout } = await npmRun('load:spread', '--', '--url', url, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ failed: 0 });
  expect(code).toBe(0);
}, 300_000);
