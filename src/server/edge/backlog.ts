import { queueOf, webSocketOf, type Conn } from './undeclared';

/** About how many bytes wait in this process for the client to read or to poll. */
export function backlogOf(conn: Conn): number {
  const inQueue = queueOf(conn).reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return inQueue + (webSocketOf(conn.transport)?.bufferedAmount ?? 0);
}

/** Where the client is in what waits for it. As long as that is the same, it has taken nothing. Undefined: nothing waits. */
export interface Place {
  next: object | undefined;
  bytes: number | undefined;
}

export function placeOf(conn: Conn): Place | undefined {
  const [queue, webSocket] = [queueOf(conn), webSocketOf(conn.transport)];
  if (queue.length === 0 && !webSocket?.bufferedAmount) return undefined;
  // As Node's own socket timeout: of one large write it says how much the kernel has taken.
  const bytes = webSocket?._socket?._handle?.writeQueueSize ?? webSocket?.bufferedAmount;
  return { next: queue[0], bytes };
}

/** Ends the connection at once, and lets go of what waits. */
export function cut(conn: Conn): void {
  webSocketOf(conn.transport)?.terminate();
  conn.close(true);
}
