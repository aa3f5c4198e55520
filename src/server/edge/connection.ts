import type { Connection, Packet } from '../flow/types';
import { backlogOf } from './backlog';
import { Line, type DirectWrites } from './direct';
import { textOf, type EncodedPacket } from './packet';
import type { ChatSocket } from './sockets';

/** What may be on its way to a client before it counts as slow. A client that reads leaves nothing waiting for long. */
const BUDGET_BYTES = 256 * 1024;

/** A Socket.IO socket as the flow sees it. One order of all that is sent, whatever the transport. */
export class SocketConnection implements Connection {
  private draining: Promise<void> | undefined;
  /** Bytes since the transport was last seen to have taken everything: never too few, but for answers. */
  private underWay = 0;
  private line: Line | undefined;

  constructor(
    readonly socket: ChatSocket,
    private readonly direct: DirectWrites,
  ) {}

  get id(): string {
    return this.socket.id;
  }

  get isFull(): boolean {
    return this.underWay > BUDGET_BYTES && this.isFullByCount();
  }

  send(...[event, payload]: Parameters<Connection['send']>): void {
    const text = textOf(event, payload);
    this.count(text.length);
    this.socket.conn.write(text);
  }

  deliver(packet: Packet): void {
    const { text, options } = packet as EncodedPacket;
    const { conn } = this.socket;
    if (this.line?.transport !== conn.transport) this.line = Line.of(conn.transport);
    if (this.line && this.direct.add(this.line, options.wsPreEncodedFrame[0])) {
      this.underWay += packet.bytes;
    } else {
      this.count(packet.bytes);
      conn.write(text, options);
    }
  }

  drained(): Promise<void> {
    if (!this.isFullByCount()) return Promise.resolve();
    // Shared: a client that resumes in many rooms waits in each of them.
    return (this.draining ??= this.untilDrained().finally(() => (this.draining = undefined)));
  }

  private count(bytes: number): void {
    if (this.socket.conn.transport.writable) this.underWay = 0;
    this.underWay += bytes;
  }

  private async untilDrained(): Promise<void> {
    while (this.isFullByCount()) await this.progress();
  }

  /** With answers, which Socket.IO sends by itself. */
  private isFullByCount(): boolean {
    const { conn } = this.socket;
    this.underWay = conn.readyState === 'open' ? backlogOf(conn) : 0;
    return this.underWay > BUDGET_BYTES;
  }

  private progress(): Promise<void> {
    const { conn } = this.socket;
    const { transport } = conn;
    return new Promise((resolve) => {
      const done = (): void => {
        transport.off('ready', done);
        conn.off('upgrade', done);
        conn.off('close', done);
        resolve();
      };
      // Not conn's 'drain': that comes when packets are handed to the transport, not when it can take more.
      transport.once('ready', done);
      conn.once('upgrade', done);
      conn.once('close', done);
    });
  }
}
