import { codes } from '../../protocol/codes';
import { callNames } from '../../protocol/stats';
import { recordStates } from '../line';
import { exposition, type Metric, type Sample } from './exposition';
import { redisCpuSeconds } from './live';
import type { Look, ServerLook } from './look';

/** What the record says beside the last look. */
export interface RecordFacts {
  /** Freezes of the last 24 hours, by server. */
  freezes: Record<string, number>;
  /** When it was last written to, ms since 1970. */
  writtenAt: number | undefined;
}

/** Pure: all figures of the fleet, in base units. Before the first look there are names alone. */
export function metricsText(look: Look | undefined, record: RecordFacts): string {
  return exposition([...serverMetrics(look?.servers ?? [], record), ...fleetMetrics(look, record)]);
}

type Of = (server: ServerLook) => unknown;
type LabelledOf = (server: ServerLook) => Sample[];

function serverMetrics(servers: ServerLook[], { freezes }: RecordFacts): Metric[] {
  const metric = (type: Metric['type'], name: string, help: string, of: Of): Metric =>
    labelled(type, name, help, (server) => [{ labels: {}, value: of(server) }]);
  const labelled = (type: Metric['type'], name: string, help: string, of: LabelledOf): Metric => ({
    ...{ name, type, help },
    samples: servers.flatMap((server) =>
      of(server).map(({ labels, value }) => ({ labels: { server: server.name, ...labels }, value })),
    ),
  });
  return [
    metric('gauge', 'chat_up', 'Whether the server answers: 0 is frozen or dead.', ({ stats }) => (stats ? 1 : 0)),
    labelled('gauge', 'chat_state', '1 for the state that the server is in, 0 for the others.', ({ stats }) =>
      each(recordStates, 'state', (state) => ((stats?.state ?? 'no answer') === state ? 1 : 0))),
    metric('gauge', 'chat_connections', 'Open connections.', ({ stats }) => stats?.connections),
    metric('gauge', 'chat_rooms', 'Rooms with members on the server.', ({ stats }) => stats?.rooms),
    metric('gauge', 'chat_queued', 'Messages that wait on the disk of the server for Redis.', ({ stats }) => stats?.queued),
    metric('counter', 'chat_connects_total', 'Connections that were welcomed.', ({ stats }) => stats?.connects),
    labelled('counter', 'chat_calls_total', 'Events that clients emitted.', ({ stats }) =>
      each(callNames, 'event', (name) => stats?.callsByEvent?.[name])),
    metric('counter', 'chat_deliveries_total', 'Entries on their way to one connection each.', ({ stats }) => stats?.deliveries),
    labelled('counter', 'chat_refused_total', 'Calls and handshakes that were refused.', ({ stats }) =>
      each(Object.keys(codes) as (keyof typeof codes)[], 'code', (code) => stats?.refusedByCode?.[code])),
    metric('counter', 'chat_cpu_seconds_total', 'CPU of the process, also of a frozen one.', ({ process }) => seconds(process?.cpuMs)),
    metric('gauge', 'chat_memory_bytes', 'Resident memory of the process, also of a frozen one.', ({ process }) => process?.memoryBytes),
    metric('gauge', 'chat_loop_utilization_ratio', 'Busy share of the event loop over six seconds, 0 to 1.', ({ stats }) => stats?.loop.utilization),
    metric('gauge', 'chat_loop_delay_p99_seconds', 'Delay of the event loop, the 99th percentile of the worst of six seconds.', ({ stats }) => seconds(stats?.loop.delayP99Ms)),
    metric('gauge', 'chat_loop_delay_max_seconds', 'The longest delay of the event loop in six seconds.', ({ stats }) => seconds(stats?.loop.delayMaxMs)),
    metric('gauge', 'chat_start_time_seconds', 'When the server was started, in seconds since 1970.', ({ stats }) => seconds(stats?.startedAt)),
    metric('gauge', 'chat_freezes_last_day', 'Freezes of the last 24 hours in the record.', ({ name }) => freezes[name] ?? 0),
  ]; // prettier-ignore
}

function fleetMetrics(look: Look | undefined, { writtenAt }: RecordFacts): Metric[] {
  const facts = look?.redis;
  const one = (type: Metric['type'], name: string, help: string, value: unknown): Metric => ({
    ...{ name, type, help },
    samples: [{ labels: {}, value }],
  });
  const fact = (name: string): number | undefined =>
    facts?.[name] === undefined ? undefined : Number(facts[name]);
  return [
    one('gauge', 'chat_redis_up', 'Whether Redis answers the monitor within its deadline.', look && (facts ? 1 : 0)),
    one('gauge', 'chat_redis_memory_bytes', 'Memory that Redis uses.', fact('used_memory')),
    one('gauge', 'chat_redis_memory_limit_bytes', 'Memory that Redis may use; 0 is no limit.', fact('maxmemory')),
    one('gauge', 'chat_redis_clients', 'Connections to Redis.', fact('connected_clients')),
    one('gauge', 'chat_redis_output_buffer_bytes', 'The most that lately waited for one reader of Redis.', fact('client_recent_max_output_buffer')),
    one('counter', 'chat_redis_commands_total', 'Commands that Redis has carried out.', fact('total_commands_processed')),
    one('counter', 'chat_redis_cpu_seconds_total', 'CPU of Redis.', facts && redisCpuSeconds(facts)),
    one('gauge', 'chat_record_written_time_seconds', 'When the record was last written to, in seconds since 1970.', seconds(writtenAt)),
  ]; // prettier-ignore
}

function each<K extends string>(names: readonly K[], label: string, of: (name: K) => unknown): Sample[] {
  return names.map((name) => ({ labels: { [label]: name }, value: of(name) }));
}

function seconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}
