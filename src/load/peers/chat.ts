import type { Server } from 'socket.io';

type Ack = ((answer: object) => void) | undefined;

/** The chat server that everybody writes first: what is sent goes to the room, and is stored nowhere. */
export function serveChat(io: Server): void {
  let count = 0;
  io.on('connection', (socket) => {
    const { name } = socket.handshake.auth as { name?: string };
    socket.on('join', async ({ room }: { room: string }, ack: Ack) => {
      await socket.join(room);
      ack?.({ ok: true });
    });
    socket.on('sendMessage', ({ room, text }: { room?: string; text: string }, ack: Ack) => {
      const message = {
        id: `${process.pid}-${++count}`,
        room,
        from: { id: socket.id, name },
        at: Date.now(),
        text,
      };
      // Without a room it is acknowledged alone: what a server can do at most that neither stores nor tells.
      if (room !== undefined) io.to(room).emit('message', message);
      ack?.({ ok: true, id: message.id, at: message.at });
    });
  });
}
