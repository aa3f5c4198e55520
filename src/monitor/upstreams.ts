import { readSecrets } from '../config/secrets';
import { askServer } from '../fleet/ask-server';
import { readHosts, serversOfHosts } from '../fleet/hosts';
import {
  asKnown,
  isNginxAlive,
  nginxFiles,
  silentServers,
  writeSilentServers,
  type NginxFiles,
} from '../fleet/nginx';
import type { PlannedServer } from '../fleet/plan';
import { probe } from '../fleet/probe';
import { startedAt } from '../fleet/process-sample';
import { editNginx, nginxWorkers } from '../fleet/reload';
import { readText } from '../fleet/text-file';
import type { HostWatch } from './host-watch';
import { Silence, type Answered } from './silence';

const ANSWER_WITHIN_MS = 2_000;
/** Workers of one reload start about then. */
const SAME_RELOAD_MS = 3_000;
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
  private said = '';

  constructor(
    private readonly varDir: string,
    private readonly planned: () => PlannedServer[],
    private readonly hosts?: HostWatch,
  ) {
    this.silence = new Silence(silentServers(varDir));
  }

  /** One round. What failed in it is said, and tried again in the next one. */
  async look(): Promise<void> {
    await this.lookAtServers().catch(console.error);
    await this.lookAtNginx().catch(console.error);
  }

  /** Redis can be away for hours. */
  private readonly sayOnce = ({ message }: Error): void => {
    if (message !== this.said) console.error(`The list of hosts stays as it is: ${message}`);
    this.said = message;
  };

  /** Of all hosts. */
  private servers(): PlannedServer[] {
    return [...this.planned(), ...serversOfHosts(readHosts(this.varDir)).servers];
  }

  private async lookAtServers(): Promise<void> {
    const ask = async (server: PlannedServer): Promise<[PlannedServer, Answered]> => [
      server,
      await probe(server, ANSWER_WITHIN_MS),
    ];
    const asked = this.servers().map(ask);
    // At the same time: a host that does not answer is not to make the others wait.
    await this.hosts?.look().catch(this.sayOnce);
    this.silence.heard(await Promise.all(asked));
    this.keepSilent(this.silence.endpoints);
    const files = nginxFiles(this.varDir);
    if (!isNginxAlive(files)) return;
    await this.lead(files);
    await this.hosts?.tell().catch(this.sayOnce);
  }

  private keepSilent(silent: string[]): void {
    if (silent.join() === silentServers(this.varDir).join()) return;
    writeSilentServers(this.varDir, silent); // commands that render nginx.conf anew go by it
    console.error(silent.length === 0 ? 'All servers answer again.' : `No answer: ${silent.join(', ')}.`);
  }

  /** Goes by what nginx.conf says, so that a reload that failed is tried again. */
  private async lead(files: NginxFiles): Promise<void> {
    const edit = (conf: string): string => asKnown(conf, this.varDir);
    const conf = readText(files.conf) ?? '';
    if (edit(conf) === conf) return;
    await editNginx(edit, files);
    console.error('nginx leads people accordingly.');
  }

  /** Workers that go tell of a reload, and the start of the others tells when it was. */
  private async lookAtNginx(): Promise<void> {
    const { current, leaving } = nginxWorkers(nginxFiles(this.varDir));
    if (leaving.length === 0 || current.length === 0) return;
    const at = Math.min(...current.map((pid) => startedAt(pid) ?? Date.now()));
    const isKnown = Math.abs(at - this.reloadedAt) < SAME_RELOAD_MS;
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
