import { writeSync } from 'node:fs';
import type { Socket as NetSocket } from 'node:net';
import type { ChatIo, ChatSocket } from './sockets';

type Conn = ChatSocket['conn'];
type Transport = Conn['transport'];

interface WebSocket {
  readyState: number;
  _socket?: RawSocket;
}

interface RawSocket extends NetSocket {
  _handle?: { fd?: number } | null;
}

const OPEN = 1; // of `ws`
/** Of one row of writes. A slice of the fan-out has to know how long they take. */
const MOST_AT_ONCE = 64;

/**
 * Writes the frames of the fan-out past the queue of Engine.IO and the streams of Node, which cost as much as the
 * kernel's own work (decision 0017). A frame goes this way only if all that was sent to its client before is in the
 * kernel, and before Engine.IO sends it anything else: one order, whatever goes which way. What the kernel does not
 * take is left to Node.
 *
 * Frames are collected and written in a row, at the latest at the end of this turn of the loop, so that program and
 * kernel push each other out of the processor's cache less.
 */
export class DirectWrites {
  private readonly lines: Line[] = [];
  private readonly frames: Buffer[] = [];

  constructor(io: ChatIo) {
    io.engine.on('flush', () => this.write());
  }

  /** Whether the frame goes this way. */
  add(line: Line, frame: Buffer): boolean {
    // One frame of a client in a row: whether the kernel takes it tells whether there may be another.
    if (line.waits) this.write();
    if (!line.isClear) return false;
    line.waits = true;
    if (this.lines.length === 0) process.nextTick(() => this.write());
    this.lines.push(line);
    this.frames.push(frame);
    if (this.lines.length === MOST_AT_ONCE) this.write();
    return true;
  }

  private write(): void {
    const { lines, frames } = this;
    for (let i = 0; i < lines.length; i++) lines[i]!.write(frames[i]!);
    lines.length = 0;
    frames.length = 0;
  }
}

/** The way of one client's WebSocket down to the kernel. */
export class Line {
  /** A frame of it is in the row that is to be written. */
  waits = false;

  private constructor(
    readonly transport: Transport,
    private readonly webSocket: WebSocket,
    private readonly socket: RawSocket,
    private readonly handle: object,
    private readonly fd: number,
  ) {}

  /** None for those who poll, and none if `ws` or Node have changed: none of this is declared. */
  static of(transport: Transport): Line | undefined {
    const webSocket = (transport as { socket?: WebSocket }).socket;
    const socket = webSocket?._socket;
    const handle = socket?._handle;
    const fd = handle?.fd ?? -1;
    return webSocket && socket && handle && fd >= 0
      ? new Line(transport, webSocket, socket, handle, fd)
      : undefined;
  }

  /** The kernel has all that was sent before. */
  get isClear(): boolean {
    // A transport that is writable has nothing in Engine.IO's queue.
    return this.transport.writable && this.socket.writableLength === 0 && this.isOpen;
  }

  write(frame: Buffer): void {
    this.waits = false;
    if (!this.isOpen) return;
    const taken = this.socket.writableLength === 0 ? take(this.fd, frame) : 0;
    if (taken < frame.length) this.socket.write(frame.subarray(taken));
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
