import type { RoomWatcher } from '../flow/join';
import type { Announce, Report } from '../flow/types';
import { Board } from '../presence/board';
import type { PresenceStore } from '../presence/types';
import type { ChatIo } from './sockets';

/** Who is present, announced to the sockets of this server; the others are hinted at changes through the adapter. */
export function openBoard(io: ChatIo, store: PresenceStore, announce: Announce, report: Report): Board {
  return new Board({
    store,
    announce: (presence) => announce('presence', presence),
    hint: (rooms) => io.serverSideEmit('presence', rooms),
    report,
  });
}

/** Tells the board who receives which room. */
export const watchMembers = (board: Board): RoomWatcher => ({
  joined: ({ user }, room) => board.joined(room, user),
  ended: ({ user }, room) => board.ended(room, user),
});
