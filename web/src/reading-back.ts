import type { Room } from '../../src/client';
import { MAX_PAGE } from '../../src/protocol/limits';

/** Reads older pages until what is wanted is there. False: it is not, or it could not be read. */
export async function readBack(room: Room, there: () => boolean): Promise<boolean> {
  while (!there()) {
    const { length } = room.timeline();
    if (room.complete || (await room.older(MAX_PAGE)) !== undefined) return there();
    if (room.timeline().length === length) return there(); // the connection is away
  }
  return true;
}
