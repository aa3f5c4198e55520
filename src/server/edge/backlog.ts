import type { Socket } from 'engine.io';

/** What Engine.IO does not declare of its sockets. */
interface Inside {
  writeBuffer: { data?: string | Buffer }[];
  transport: { socket?: { bufferedAmount?: number } };
}

/** About how many bytes wait in this process for the client to read or to poll. */
export function backlogOf(conn: Socket): number {
  const { writeBuffer, transport } = conn as unknown as Inside;
  const inQueue = writeBuffer.reduce((sum, { data }) => sum + (data?.length ?? 0), 0);
  return inQueue + (transport.socket?.bufferedAmount ?? 0);
}
