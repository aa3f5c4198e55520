import { readSecrets } from '../config/secrets';
import { askServer } from '../fleet/ask-server';
import { isNginxAlive, nginxFiles, silentPorts, writeSilentPorts } from '../fleet/nginx';
import { markSilent } from '../fleet/nginx-render';
import type { PlannedServer } from '../fleet/plan';
import { probe } from '../fleet/probe';
import { startedAt } from '../fleet/process-sample';
import { editNginx, nginxWorkers } from '../fleet/reload';
import { readText } from '../fleet/text-file';
import { Silence, type Answered } from './silence';

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
  private readonly silence: Silence;
  private toldAt = 0;
  private reloadedAt = 0;

  constructor(
    private readonly varDir: string,
    private readonly servers: () => PlannedServer[],
  ) {
    this.silence = new Silence(silentPorts(varDir));
  }

  async run(): Promise<void> {
    const start = Date.now();
    await this.look();
    setTimeout(() => void this.run(), Math.max(0, ROUND_MS - (Date.now() - start)));
  }

  /** One round. What failed in it is said, and tried again in the next one. */
  async look(): Promise<void> {
    await this.lookAtServers().catch(console.error);
    await this.lookAtNginx().catch(console.error);
  }

  private async lookAtServers(): Promise<void> {
    const ask = async (server: PlannedServer): Promise<[PlannedServer, Answered]> => [
      server,
      await probe(server, ANSWER_WITHIN_MS),
    ];
    this.silence.heard(await Promise.all(this.servers().map(ask)));
    await this.leaveOut(this.silence.ports);
  }

  /** Goes by what nginx.conf says, so that a reload that failed is tried again. */
  private async leaveOut(silent: number[]): Promise<void> {
    if (silent.join() !== silentPorts(this.varDir).join()) {
      writeSilentPorts(this.varDir, silent); // first, because commands that render nginx.conf anew go by it
      console.error(
        silent.length === 0 ? 'All servers answer again.' : `No answer: port ${silent.join(', ')}.`,
      );
    }
    const files = nginxFiles(this.varDir);
    const mark = (conf: string): string => markSilent(conf, silent);
    const conf = readText(files.conf) ?? '';
    if (mark(conf) === conf || !isNginxAlive(files)) return;
    await editNginx(mark, files);
    console.error('nginx leads newcomers accordingly.');
  }

  /** Workers that go tell of a reload, and the start of the others tells when it was. */
  private async lookAtNginx(): Promise<void> {
    const { current, leaving } = nginxWorkers(nginxFiles(this.varDir));
    if (leaving.length === 0 || current.length === 0) return;
    const at = Math.min(...current.map((pid) => startedAt(pid) ?? Date.now()));
    const isKnown = Math.abs(at - this.reloadedAt) < ROUND_MS;
    if (isKnown && Date.now() - this.toldAt < TELL_EVERY_MS) return;
    if (!isKnown) console.error('nginx was reloaded: WebSockets from before are moved little by little.');
    this.reloadedAt = at;
    this.toldAt = Date.now();
    const { operatorSecret } = readSecrets(this.varDir);
    const body = { at: Math.floor(at) };
    const tell = (server: PlannedServer): Promise<unknown> =>
      askServer(server, operatorSecret, 'reloaded', body, ANSWER_WITHIN_MS).catch(() => undefined);
    await Promise.all(this.servers().map(tell));
  }
}
