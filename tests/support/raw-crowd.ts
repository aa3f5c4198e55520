import type { RawTransport } from '../../src/load/raw/client';
import type { Target } from '../../src/load/raw/connection';
import { RawCrowd } from '../../src/load/raw/crowd';
import { ours } from '../../src/load/raw/dialects';
import { Marker } from '../../src/load/raw/marker';
import { Tally } from '../../src/load/raw/tally';
import { onCleanup } from './cleanup';

let count = 0;

/** People in one room, each from a network of his own, who say nothing. */
export async function crowdAt(
  target: Target,
  users: number,
  transport: RawTransport = 'websocket',
): Promise<RawCrowd> {
  const name = `${++count}`.padStart(4, '0');
  const crowd = new RawCrowd({
    targets: [target],
    users,
    rooms: 1,
    run: `crowd-${name}`,
    transports: [transport],
    auth: undefined,
    dialect: ours,
    marker: new Marker(name),
    tally: new Tally(1, { from: Infinity, to: Infinity }),
    now: () => 0,
  });
  onCleanup(() => crowd.close());
  await crowd.enter(() => undefined);
  return crowd;
}
