import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * `cut`: connections end, and no new ones come through. The others swallow bytes without a word: `up` those from
 * clients, `down` those to clients.
 */
export type ProxyMode = 'pass' | 'cut' | 'both' | 'up' | 'down';

interface Link {
  near: Socket;
  far: Socket;
  /** What was swallowed cannot come any more: a link that lost bytes stays so until its ends give it up. */
  losesUp: boolean;
  losesDown: boolean;
}

/** Stands between clients and nginx, and passes on from the address that the client came from. */
export class FaultProxy {
  private readonly links = new Set<Link>();
  private mode: ProxyMode = 'pass';

  private constructor(
    private readonly listener: Server,
    private readonly target: number,
  ) {
    listener.on('connection', (near) => this.accept(near));
  }

  /** Passes on to this port of 127.0.0.1. */
  static async start(target: number): Promise<FaultProxy> {
    const listener = createServer();
    const proxy = new FaultProxy(listener, target);
    listener.listen(0, '127.0.0.1');
    await once(listener, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.listener.address() as AddressInfo).port;
  }

  set(mode: ProxyMode): void {
    this.mode = mode;
    for (const link of this.links) {
      if (mode === 'cut') end(link);
    }
  }

  close(): void {
    this.listener.close();
    for (const link of this.links) end(link);
  }

  private accept(near: Socket): void {
    near.on('error', () => undefined);
    if (this.mode === 'cut') return void near.destroy();
    const localAddress = near.remoteAddress;
    const far = connect({ port: this.target, host: '127.0.0.1', ...(localAddress && { localAddress }) });
    far.on('error', () => undefined);
    const link: Link = { near, far, losesUp: false, losesDown: false };
    this.links.add(link);
    near.on('data', (chunk) => {
      link.losesUp ||= this.swallowsUp;
      if (!link.losesUp) pass(chunk, near, far);
    });
    far.on('data', (chunk) => {
      link.losesDown ||= this.swallowsDown;
      if (!link.losesDown) pass(chunk, far, near);
    });
    // The end of a connection is not heard either by one who hears nothing.
    near.on('close', () => this.ended(link, this.swallowsUp || link.losesUp, far));
    far.on('close', () => this.ended(link, link.losesDown || this.swallowsDown, near));
  }

  private get swallowsUp(): boolean {
    return this.mode === 'both' || this.mode === 'up';
  }

  private get swallowsDown(): boolean {
    return this.mode === 'both' || this.mode === 'down';
  }

  private ended(link: Link, unheard: boolean, other: Socket): void {
    if (!unheard) other.destroy();
    if (link.near.destroyed && link.far.destroyed) this.links.delete(link);
  }
}

/** Who speaks to one who went unheard is told so, as by a reset. */
function pass(chunk: Buffer, from: Socket, to: Socket): void {
  if (to.destroyed) from.destroy();
  else to.write(chunk);
}

function end({ near, far }: Link): void {
  near.destroy();
  far.destroy();
}
