import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { uptime } from 'node:os';
import { readSecrets } from '../config/secrets';
import { askServer } from '../fleet/ask-server';
import { takeLock } from '../fleet/lock';
import { isNginxAlive, nginxFiles, silentPorts, writeSilentPorts } from '../fleet/nginx';
import { markSilent } from '../fleet/nginx-render';
import type { PlannedServer } from '../fleet/plan';
import { probe } from '../fleet/probe';
import { sampleProcess } from '../fleet/process-sample';
import { nginxWorkers, reloadNginx } from '../fleet/reload';
import { Silence } from './silence';

/** Three rounds without an answer, and the reload, take less than 15 s. */
const ROUND_MS = 3_000;
const ANSWER_WITHIN_MS = 2_000;
/** Servers are told again, because one may not have listened. */
const TELL_EVERY_MS = 60_000;

/**
 * Keeps nginx and servers informed of each other: newcomers are not led to a silent server, and the servers know when
 * nginx was reloaded, whoever did it, because clients on old workers are then to move.
 */
export class UpstreamWatch {
  private readonly silence = new Silence();
  private toldAt = 0;
  private reloadedAt = 0;

  constructor(
    private readonly varDir: string,
    private readonly servers: () => PlannedServer[],
  ) {}

  async run(): Promise<void> {
    const start = Date.now();
    try {
      await this.lookAtServers();
      await this.lookAtNginx();
    } catch (error) {
      console.error(error); // one round that failed is no reason to end
    } finally {
      setTimeout(() => void this.run(), Math.max(0, ROUND_MS - (Date.now() - start)));
    }
  }

  private async lookAtServers(): Promise<void> {
    const ask = async (server: PlannedServer) => [server, await probe(server, ANSWER_WITHIN_MS)] as const;
    this.silence.heard(
      (await Promise.all(this.servers().map(ask))).map(([server, answer]) => [server, answer]),
    );
    const [before, now] = [silentPorts(this.varDir), this.silence.ports];
    if (before.join() === now.join() || !isNginxAlive(nginxFiles(this.varDir))) return;
    // A command that changes the fleet goes first, and leaves out silent servers itself.
    const lock = await takeLock(join(this.varDir, 'fleet.lock'), false);
    if (!lock) return;
    try {
      await this.leaveOut(now, before);
    } finally {
      lock.release();
    }
  }

  private async leaveOut(silent: number[], before: number[]): Promise<void> {
    const files = nginxFiles(this.varDir);
    writeSilentPorts(this.varDir, silent);
    const conf = readFileSync(files.conf, 'utf8');
    const marked = markSilent(conf, silent);
    if (marked !== conf) await reloadNginx(marked, files);
    const words = silent.length === 0 ? 'All servers answer again' : `No answer on port ${silent.join(', ')}`;
    console.error(
      `${words}; before: ${before.join(', ') || 'all answered'}. nginx leads newcomers accordingly.`,
    );
  }

  /** Workers that go tell of a reload, and the start of the others tells when it was. */
  private async lookAtNginx(): Promise<void> {
    const { current, leaving } = nginxWorkers(nginxFiles(this.varDir));
    if (leaving.length === 0 || current.length === 0) return;
    const at = Math.min(...current.map(startedAt));
    const isKnown = Math.abs(at - this.reloadedAt) < ROUND_MS;
    if (isKnown && Date.now() - this.toldAt < TELL_EVERY_MS) return;
    if (!isKnown) console.error('nginx was reloaded: WebSockets from before are moved little by little.');
    this.reloadedAt = at;
    this.toldAt = Date.now();
    const { operatorSecret } = readSecrets(this.varDir);
    const body = { at: Math.floor(at) };
    await Promise.all(
      this.servers().map((server) =>
        askServer(server, operatorSecret, 'reloaded', body).catch(() => undefined),
      ),
    );
  }
}

// USER_HZ: the same on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/** When a process was started, in ms since 1970; elsewhere than on Linux: now. */
function startedAt(pid: number): number {
  const start = sampleProcess(pid)?.start;
  return start === undefined ? Date.now() : Date.now() - (uptime() - start / TICKS_PER_SECOND) * 1_000;
}
