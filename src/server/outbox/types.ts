import type { MessageBody } from '../../protocol/entries';

/** A message that is safe on the disk of this host, but not known to be in its room's log. */
export interface Held {
  room: string;
  body: MessageBody;
  /**
   * Over all outboxes of the host: a message has a higher one than every message that the server which took it knew
   * of by then. So of two messages of one sender the later one has the higher, also when he changed the server.
   */
  order: number;
}

/** Is told of messages that have just become held: own ones when they are on the disk, others' when they were read. */
export type HeldListener = (held: Held[]) => void;

/**
 * The seam to the disk: keeps messages while they cannot be appended. The servers of a host share a folder, each
 * writes files of its own and reads the others' as they grow.
 *
 * An implementation must
 * - resolve `add` only for what survives the death of all processes and of the host's power; never block the event
 *   loop for it; keep the order of the calls;
 * - know own messages from the call of `add` on (`has`, `blocks`), and others' from the end of a `look` on that began
 *   after they were written;
 * - treat the same (room, from.id, id) as one message, whoever holds it: the same content again is the message that is
 *   held, another content is `id_conflict`;
 * - reject `add` with `unavailable` when the disk cannot keep it (full, broken, over the size bound): then it is not
 *   held here, but it may come back from the disk later, once;
 * - survive torn and damaged files: what is whole is held, the rest is reported.
 * It must not throw in any other way.
 */
export interface Outbox {
  /** Resolves with the message as it is held: that of the first call, if it is held already. */
  add(room: string, body: MessageBody): Promise<MessageBody>;
  /** Whether this very message is held, here or by another server of the host. */
  has(room: string, ref: { from: string; id: string }): boolean;
  /**
   * Whether a message of this sender has to wait behind held ones: any of the room here, or his own of the room with
   * another server of the host.
   */
  blocks(room: string, from: string): boolean;
  /** The newest 1,000 messages of the room that are known to be on the disk, in their order: what is shown as pending. */
  pending(room: string): MessageBody[];
  /**
   * Own messages that may be appended now, oldest first, at most `limit`, but none of rooms that rest. One whose
   * sender has an earlier message of the same room with another server waits for that.
   */
  due(limit: number, rests?: (room: string) => boolean): Held[];
  /** These are in the log: they are held no longer. */
  done(held: Held[]): void;
  /** The log will never take these: they are put aside into a file for the operator, reported, and held no longer. */
  setAside(held: Held[], why: string): void;
  /** Reads what other servers have written until now. Never rejects. */
  look(): Promise<void>;
  /**
   * Takes over the files of others to which nothing was written for this long (ms), as own ones: their messages become
   * due here. A server that appends what it holds writes that down, so it keeps its files. Whether the other server is
   * dead, frozen or only cut off makes no difference: ids make a second append harmless.
   */
  adopt(quietMs: number): Promise<void>;
  onHeld(listener: HeldListener): void;
  /** Whether the last write succeeded. */
  readonly works: boolean;
  /** Own messages held. */
  readonly size: number;
  /** Waits for writes under way; files stay where they are. */
  close(): Promise<void>;
}
