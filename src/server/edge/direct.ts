import { writeSync } from 'node:fs';
import type { ChatIo } from './sockets';
import { OPEN, webSocketOf, type RawSocket, type Transport, type TransportSocket } from './undeclared';

/** Of one row of writes: a slice of the fan-out looks at its clock only between rows. */
const MOST_AT_ONCE = 64;
const MOST_BYTES = 256 * 1024;

/**
 * Writes the frames of the fan-out past the queue of Engine.IO and the streams of Node, which cost as much as the
 * kernel's own work (decision 0017). A frame goes this way only if all that was sent to its client before is in the
 * kernel, and before Engine.IO sends it any other packet: one order, whatever goes which way. What the kernel does not
 * take is left to Node.
 *
 * Frames are collected and written in a row, at the latest at the end of this turn of the loop, so that program and
 * kernel push each other out of the processor's cache less.
 */
export class DirectWrites {
  private lines: Line[] = [];
  private frames: Buffer[] = [];
  private bytes = 0;

  constructor(io: ChatIo) {
    io.engine.on('flush', () => this.write());
  }

  /** Whether the frame goes this way. */
  add(line: Line, frame: Buffer): boolean {
    if (!line.isClear) return false;
    if (this.lines.length === 0) process.nextTick(() => this.write());
    this.lines.push(line);
    this.frames.push(frame);
    this.bytes += frame.length;
    if (this.lines.length === MOST_AT_ONCE || this.bytes > MOST_BYTES) this.write();
    return true;
  }

  /** The row, now. */
  write(): void {
    if (this.lines.length === 0) return;
    const { lines, frames } = this;
    this.lines = [];
    this.frames = [];
    this.bytes = 0;
    for (let i = 0; i < lines.length; i++) lines[i]!.write(frames[i]!);
  }
}

/** The way of one client's WebSocket down to the kernel. */
export class Line {
  private constructor(
    readonly transport: Transport,
    private readonly webSocket: TransportSocket,
    private readonly socket: RawSocket,
    private readonly handle: object,
    private readonly fd: number,
  ) {}

  /** None for those who poll, none through TLS, and none if `ws` or Node have changed. */
  static of(transport: Transport): Line | undefined {
    const webSocket = webSocketOf(transport);
    const socket = webSocket?._socket;
    const handle = socket?._handle;
    const fd = handle?.fd ?? -1;
    if (!webSocket || !socket || !handle || fd < 0 || 'encrypted' in socket) return undefined;
    return new Line(transport, webSocket, socket, handle, fd);
  }

  /** The kernel has all that was sent before, but for the row. */
  get isClear(): boolean {
    // A transport that is writable has nothing in Engine.IO's queue.
    return this.transport.writable && this.socket.writableLength === 0 && this.isOpen;
  }

  write(frame: Buffer): void {
    if (!this.isOpen) return;
    const taken = this.socket.writableLength === 0 ? take(this.fd, frame) : 0;
    if (taken < frame.length) this.leave(frame.subarray(taken));
  }

  /** To Node. Until that is through, Engine.IO is to keep what comes, as after a write of its own. */
  private leave(rest: Buffer): void {
    const { transport, socket } = this;
    transport.writable = false;
    socket.write(rest, (error) => {
      if (error) return; // the connection is over
      transport.writable = true;
      transport.emit('ready');
    });
  }

  /** The descriptor is this client's as long as Node keeps its handle; a moment later it may be anybody's. */
  private get isOpen(): boolean {
    return this.webSocket.readyState === OPEN && this.socket._handle === this.handle;
  }
}

/** How many bytes the kernel took. What else may be wrong, Node finds out when it tries. */
function take(fd: number, frame: Buffer): number {
  try {
    return writeSync(fd, frame);
  } catch {
    return 0;
  }
}
