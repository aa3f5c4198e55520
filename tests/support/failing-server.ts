import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { onCleanup } from './cleanup';
import { projectRoot } from './fleet';

/** A built server in a process of its own, which can be told to die by -9 in the middle of a step. */
export class FailingServer {
  private child: ChildProcess | undefined;
  private starting: Promise<void> | undefined;

  constructor(
    readonly name: string,
    readonly port: number,
    private readonly env: Record<string, string>,
  ) {
    onCleanup(() => this.kill());
  }

  /** Resolves when it is ready, at once if it is. */
  start(): Promise<void> {
    if (!this.starting || !this.runs) this.starting = this.spawn();
    return this.starting;
  }

  private async spawn(): Promise<void> {
    const args = ['-r', join(__dirname, 'failpoints.cjs'), join(projectRoot, 'dist', 'server', 'main.js')];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, ...this.env, SERVER_NAME: this.name, PORT: `${this.port}` },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.child = child;
    const log = createWriteStream(join(this.env.VAR_DIR!, `${this.name}.log`), { flags: 'a' });
    child.stdout!.pipe(log, { end: false });
    child.stderr!.pipe(log, { end: false });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`${this.name} ended at its start`);
    });
    await Promise.race([once(child, 'message'), ended]);
    ended.catch(() => undefined); // from now on it may end
  }

  get runs(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** It dies at the nth passage of this point from now on. An empty point disarms it. */
  arm(point: string, nth: number): void {
    if (this.runs) this.child!.send({ point, nth });
  }

  /** Whether it is dead within this time. */
  async dies(withinMs: number): Promise<boolean> {
    if (!this.runs) return true;
    const signal = AbortSignal.timeout(withinMs);
    return once(this.child!, 'exit', { signal }).then(
      () => true,
      () => !this.runs,
    );
  }

  async kill(): Promise<void> {
    if (!this.runs) return;
    const gone = once(this.child!, 'exit');
    this.child!.kill('SIGKILL');
    await gone;
  }
}
