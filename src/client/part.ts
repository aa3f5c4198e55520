import type { Link } from './link';

/** A part of a room that talks to servers: while the room is joined, on the connection it is joined on. */
export interface Part {
  /** The room is joined on this connection. A repeated join of the same connection starts once more. */
  start(link: Link): void;
  /** The connection is gone, or the room is left. */
  stop(): void;
}
