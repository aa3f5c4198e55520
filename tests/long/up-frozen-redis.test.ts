import { isAlive } from '../../src/fleet/processes';
import { onCleanup } from '../support/cleanup';
import { testFleet } from '../support/fleet';

jest.setTimeout(180_000);

test('[FLEET-21] up names the Redis of a running fleet that stands still, and leaves everything as it was', async () => {
  const fleet = await testFleet(2);
  expect((await fleet.run(['up'])).code).toBe(0);
  const before = await fleet.apps();
  const { pid } = before.find(({ name }) => name === 'chat-redis')!;
  onCleanup(() => isAlive(pid) && process.kill(pid, 'SIGCONT')); // before the fleet is ended
  process.kill(pid, 'SIGSTOP');
  const { code, stderr } = await fleet.run(['up']);
  expect(code).toBe(5);
  expect(stderr).toContain(': chat-redis does not answer');
  expect(stderr).toContain('Next: npx fleet logs chat-redis');
  process.kill(pid, 'SIGCONT');
  expect((await fleet.run(['up'])).code).toBe(0);
  expect((await fleet.apps()).map(({ pid }) => pid)).toEqual(before.map(({ pid }) => pid));
});
