import { dirname } from 'node:path';
import { becomes, signal } from './ending';
import { fleetProcesses, listenersOn } from './processes';

/** Workers close their listening sockets at once when asked to quit; one that does not is frozen. */
const QUIT_WITHIN_MS = 5_000;

/**
 * Frees nginx's port of what an earlier nginx of this prefix left behind: a master that was killed leaves
 * workers that go on accepting connections. They finish what they serve, without the port.
 */
async function freePort(prefix: string, port: number): Promise<void> {
  const ours = fleetProcesses(dirname(prefix)).filter(({ kind }) => kind === 'nginx');
  const holders = (): number[] => {
    const listening = listenersOn(port);
    return ours.map(({ pid }) => pid).filter((pid) => listening.includes(pid));
  };
  const found = holders();
  if (found.length === 0) return;
  console.log(
    `nginx left ${found.length} processes on port ${port} (${found.join(', ')}): asking them to quit`,
  );
  signal(found, 'SIGQUIT');
  if (await becomes(() => holders().length === 0, QUIT_WITHIN_MS)) return;
  signal(holders(), 'SIGKILL');
}

const [prefix, port] = process.argv.slice(2);
if (prefix !== undefined) {
  freePort(prefix, Number(port)).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
