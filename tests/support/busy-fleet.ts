import { check } from '../../src/load/checker';
import { Crowd } from '../../src/load/crowd';
import { onCleanup } from './cleanup';
import { eventually } from './eventually';
import type { TestFleet } from './fleet';

/** Stock clients that come through the nginx of a fleet, a third each by polling, WebSocket and upgrade, each in one of the rooms. */
export async function crowdOn(fleet: TestFleet, clients: number, rooms: string[]): Promise<Crowd> {
  const crowd = new Crowd({
    urls: [`http://127.0.0.1:${fleet.httpPort}`],
    clients,
    transports: ['polling', 'websocket', 'upgrade'],
    rooms: (client) => [rooms[client % rooms.length]!],
  });
  onCleanup(() => crowd.close());
  console.info(`seed ${crowd.seed}`);
  await crowd.connectAll();
  return crowd;
}

/** Sends in small pieces until the returned function is called; that resolves when all is sent. */
export function sendOn(crowd: Crowd, ratePerSecond: number, rooms: string[]): () => Promise<void> {
  let goesOn = true;
  const traffic = (async () => {
    while (goesOn) await crowd.sendSteadily({ ratePerSecond, forMs: 1_000, rooms });
  })();
  return () => {
    goesOn = false;
    return traffic;
  };
}

/** After all is sent: nothing was lost, doubled or out of order. */
export async function provenWell(crowd: Crowd): Promise<void> {
  const logs = await crowd.settle(60_000);
  const report = check({ seed: crowd.seed, journals: crowd.journals, logs });
  console.info(`${report.sends} sent, ${report.shown} shown`);
  expect(report).toMatchObject({ examples: [], violations: 0 });
}

/** Why each client lost its connection, each time. */
export const reasonsOf = (crowd: Crowd): string[][] =>
  crowd.journals.map(({ events }) =>
    events.flatMap((event) => (event.type === 'disconnected' ? event.reason : [])),
  );

/** How often each client lost its connection without wanting to. */
export const lossesOf = (crowd: Crowd): number[] => reasonsOf(crowd).map(({ length }) => length);

export const sumOf = (counts: number[]): number => counts.reduce((sum, count) => sum + count, 0);

/** Waits until everybody is in his rooms. */
export async function everybodyIn(crowd: Crowd, withinMs = 60_000): Promise<void> {
  const outside = (): string[] =>
    crowd.clients.filter(({ ready }) => !ready).map(({ server, journal }) => `${server} ${journal.client}`);
  await eventually(() => expect(outside()).toEqual([]), withinMs);
}
