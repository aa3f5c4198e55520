import { fork, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { onCleanup } from './cleanup';

export interface FloodOptions {
  port: number;
  clients: number;
  /** Client number i is in room number i mod this, and sends there. */
  rooms: number;
  /** Start of the names of clients and rooms. */
  name: string;
}

export interface FloodResult {
  sent: number;
  accepted: number;
  queued: number;
  /** By code. */
  refused: Record<string, number>;
  /** Of the first refusals. */
  retryAfterMs: number[];
  /** Connections that ended. */
  closed: number;
  unanswered: number;
  /** Accepted messages that nobody heard, or that somebody heard twice. */
  missing: number;
  doubled: number;
  ack: { p50: number; p99: number };
  /** How late the generator was at worst. */
  lateMs: number;
}

interface Reply {
  number: number;
  result?: FloodResult;
  error?: string;
}

/** Raw WebSockets in a process of their own, that offer a load whatever the server does with it. */
export class Flood {
  private readonly child: ChildProcess;
  private readonly asked = new Map<number, (reply: Reply) => void>();
  private number = 0;

  constructor() {
    this.child = fork(join(__dirname, 'flood-process.cjs'));
    this.child.on('message', (reply: Reply) => this.asked.get(reply.number)?.(reply));
    onCleanup(() => void this.child.kill());
  }

  /** All connected, each in its room. */
  open(options: FloodOptions): Promise<unknown> {
    return this.ask('open', options);
  }

  /** Open loop; resolves with what has come of it until then. */
  run(ratePerSecond: number, forMs: number): Promise<FloodResult> {
    return this.ask('run', { ratePerSecond, forMs });
  }

  /** The same of the last run, with what has come since. */
  result(): Promise<FloodResult> {
    return this.ask('result', {});
  }

  private ask(command: string, options: object): Promise<FloodResult> {
    const number = ++this.number;
    return new Promise((resolve, reject) => {
      this.asked.set(number, ({ result, error }) =>
        error === undefined ? resolve(result!) : reject(new Error(error)),
      );
      this.child.send({ number, command, options });
    });
  }
}
