import type { Socket } from 'engine.io';

/** What Engine.IO, its WebSocket transport and Node do not declare. */
interface Inside {
  writeBuffer: { data?: string | Buffer }[];
  transport: {
    socket?: {
      bufferedAmount: number;
      _socket?: { _handle?: { writeQueueSize?: number } | null };
      terminate(): void;
    };
  };
}

const inside = (conn: Socket): Inside => conn as unknown as Inside;

/** About how many bytes wait in this process for the client to read or to poll. */
export function backlogOf(conn: Socket): number {
  const { writeBuffer, transport } = inside(conn);
  const inQueue = writeBuffer.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return inQueue + (transport.socket?.bufferedAmount ?? 0);
}

/** Where the client is in what waits for it. As long as that is the same, it has taken nothing. Undefined: nothing waits. */
export interface Place {
  next: object | undefined;
  bytes: number | undefined;
}

export function placeOf(conn: Socket): Place | undefined {
  const { writeBuffer, transport } = inside(conn);
  const webSocket = transport.socket;
  if (writeBuffer.length === 0 && !webSocket?.bufferedAmount) return undefined;
  // As Node's own socket timeout: of one large write it says how much the kernel has taken.
  const bytes = webSocket?._socket?._handle?.writeQueueSize ?? webSocket?.bufferedAmount;
  return { next: writeBuffer[0], bytes };
}

/** Ends the connection at once, and lets go of what waits. */
export function cut(conn: Socket): void {
  inside(conn).transport.socket?.terminate();
  conn.close(true);
}
