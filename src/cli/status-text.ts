import type { ServerStatus } from '../fleet/server-status';
import type { FleetStatus, HelperStatus } from '../fleet/status';
import { percent, rounded, show, table } from './table';

type Row = string[];

const head: Row = [
  'SERVER',
  'PORT',
  'STATE',
  'CONNS',
  'IN/s',
  'OUT/s',
  'CPU',
  'LOOP p99',
  'MEMORY',
  'UP',
  'RESTARTS',
];
const words = new Set([0, 2]);

/** Pure: the status as people read it. */
export function statusText(status: FleetStatus): string {
  const rows = [head, ...status.servers.map(serverRow), ...status.helpers.map(helperRow)];
  const lines = [...table(rows, words), '', sentence(status)];
  return `${lines.join('\n')}\n`;
}

function sentence(status: FleetStatus): string {
  if (status.down) return 'The fleet is down. Next: npx fleet up';
  const skew = status.skew === null ? 'nobody is connected' : `skew ${status.skew.toFixed(2)}`;
  const health = status.healthy ? 'healthy' : `unhealthy: ${troubles(status).join(', ')}`;
  const where = status.joined === undefined ? status.url : `joined to the fleet of Redis ${status.joined}`;
  return `${where}  ${status.connections} connections, ${skew}, ${health}${waiting(status)}`;
}

function waiting({ servers }: FleetStatus): string {
  const queued = servers.reduce((sum, server) => sum + (server.queued ?? 0), 0);
  return queued === 0 ? '' : `; ${queued} messages wait on the disk for Redis`;
}

function troubles({ servers, helpers }: FleetStatus): string[] {
  return [...servers, ...helpers]
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state }) => `${name} ${state}`);
}

function serverRow(server: ServerStatus): Row {
  return [
    server.name,
    `${server.port}`,
    server.state,
    show(server.connections, (count) => `${count}`),
    show(server.callsPerSecond, rounded),
    show(server.deliveriesPerSecond, rounded),
    show(server.cpuPercent, percent),
    show(server.loopDelayP99Ms, (ms) => `${rounded(ms)} ms`),
    show(server.memoryBytes, (bytes) => `${rounded(bytes / 2 ** 20)} MB`),
    show(server.uptimeMs, duration),
    `${server.restarts}`,
  ];
}

function helperRow(helper: HelperStatus): Row {
  const { name, port, state, uptimeMs, restarts } = helper;
  return [name, `${port ?? ''}`, state, '', '', '', '', '', '', show(uptimeMs, duration), `${restarts}`];
}

/** Pure: 45 s, 12 min, 2 h 10 min, 3 d 4 h. */
export function duration(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  const hours = Math.floor(minutes / 60);
  if (minutes < 1) return `${Math.max(0, Math.floor(ms / 1000))} s`;
  if (hours < 1) return `${minutes} min`;
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
