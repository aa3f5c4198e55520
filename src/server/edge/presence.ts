import type { RoomWatcher } from '../flow/join';
import type { Announce, Load, Report } from '../flow/types';
import { Board } from '../presence/board';
import type { PresenceStore } from '../presence/types';
import type { ChatIo } from './sockets';

export interface BoardParts {
  io: ChatIo;
  store: PresenceStore;
  announce: Announce;
  load: Pick<Load, 'sheds'>;
  report: Report;
}

/** Who is present, announced to the sockets of this server; the others are hinted at changes through the adapter. */
export function openBoard({ io, store, announce, load, report }: BoardParts): Board {
  return new Board({
    store,
    announce: (presence) => announce('presence', presence),
    hint: (rooms) => io.serverSideEmit('presence', rooms),
    isPressed: () => load.sheds('presence'),
    report,
  });
}

/** Tells the board who receives which room. */
export const watchMembers = (board: Board): RoomWatcher => ({
  joined: ({ user }, room) => board.joined(room, user),
  ended: ({ user }, room) => board.ended(room, user),
});
