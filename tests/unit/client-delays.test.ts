import { createChat } from '../../src/client';
import { onCleanup } from '../support/cleanup';
import { eventually } from '../support/eventually';
import { startStandIn } from './client-stand-in';

const FASTER = 100;
const TRIES = 14;

afterEach(() => jest.restoreAllMocks());

/** Time runs faster from now on. Gives the delays that were asked for, but for those of socket.io itself. */
function hurry(): number[] {
  const delays: number[] = [];
  const real = setTimeout;
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((run: () => void, ms = 0) => {
    if (!Number.isInteger(ms)) delays.push(ms);
    return real(run, ms / FASTER);
  }) as typeof setTimeout);
  return delays;
}

function checkGrowth(delays: number[]): void {
  delays.slice(0, TRIES).forEach((delay, i) => {
    const longest = Math.min(500 * 2 ** i, 30_000);
    expect(delay).toBeGreaterThanOrEqual(longest / 2);
    expect(delay).toBeLessThanOrEqual(longest);
  });
  const atTheLongest = delays.slice(7, TRIES);
  expect(new Set(atTheLongest).size).toBe(atTheLongest.length);
}

it('[CLIENT-30] tries again for ever where nobody listens, after delays that grow to 30 s and are never the same', async () => {
  const delays = hurry();
  const chat = createChat({ url: 'http://127.0.0.1:1', name: 'mina', transports: ['websocket'] });
  onCleanup(() => chat.close());
  await eventually(() => expect(delays.length).toBeGreaterThan(TRIES));
  checkGrowth(delays);
  expect(chat.state.kind).toBe('connecting');
  chat.close();
});

it('[CLIENT-30] grows its delays where it is refused for the moment too, and begins anew once it was let in', async () => {
  const server = await startStandIn({ pingInterval: 1e7, pingTimeout: 1e7 });
  server.refuse({ code: 'overloaded', message: '', retryAfterMs: 1 }, TRIES);
  const delays = hurry();
  const chat = createChat({ url: server.url, name: 'mina', transports: ['websocket'] });
  onCleanup(() => chat.close());
  await eventually(() => expect(chat.state.kind).toBe('online'));
  checkGrowth(delays);
  const before = delays.length;
  server.sockets()[0]!.disconnect();
  await eventually(() => expect(delays.length).toBeGreaterThan(before));
  expect(delays[before]).toBeLessThanOrEqual(500);
  await eventually(() => expect(chat.state.kind).toBe('online'));
});
