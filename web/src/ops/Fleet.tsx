import { useEffect } from 'react';
import type { Live, LiveRedis, LiveServer } from '../../../src/protocol/ops';
import { usePreferences } from '../chosen';
import { bytes, clockIn, count, delay, percent, rate, shown } from './figures';
import { useOpsWords, type Words } from './words';

/** The fleet as it is now: one sentence, and a row for each server. */
export function Fleet({ live }: { live: Live }) {
  const words = useOpsWords();
  const { language } = usePreferences();
  const { servers, redis, at, zone } = live;
  const troubles = troublesOf(live, words);
  useEffect(() => {
    document.title = troubles.length === 0 ? 'Chatfleet operator' : `(${troubles.length}) Chatfleet operator`;
  }, [troubles.length]);
  const sentence = troubles.length === 0 ? words.well : words.unwell(troubles.join(', '));
  const seen = new Date(at).toLocaleTimeString(language, { hourCycle: 'h23', timeZone: zone });
  return (
    <section>
      <h2 id="fleet">{words.servers}</h2>
      <p className={troubles.length === 0 ? 'well' : 'trouble'}>
        {words.size(count(servers.length), count(sum(servers, 'connections')))}{' '}
        {/* Without figures: it is read out whenever it changes. */}
        <span role="status">{sentence}</span>
      </p>
      <div className="wide" tabIndex={0} role="region" aria-labelledby="fleet">
        <ServerTable {...{ servers, zone }} />
      </div>
      <Redis redis={redis} />
      <p className="hint">{words.seenAt(seen)}</p>
    </section>
  );
}

function ServerTable({ servers, zone }: Pick<Live, 'servers' | 'zone'>) {
  const words = useOpsWords();
  const { language } = usePreferences();
  const { head } = words;
  const since = clockIn(language, zone, true);
  return (
    <table>
      <thead>
        <tr>
          {Object.entries(head).map(([key, name]) => (
            <th key={key} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {servers.map((server) => (
          <tr key={server.name}>
            <th scope="row">{server.name}</th>
            <td>
              <span className="state" data-state={server.state}>
                {words.states[server.state]}
              </span>
            </td>
            <td>{shown(server.connections, count)}</td>
            <td>{shown(server.calls, rate)}</td>
            <td>{shown(server.deliveries, rate)}</td>
            <td>{shown(server.cpu, percent)}</td>
            <td>{shown(server.loop && server.loop.utilization * 100, percent)}</td>
            <td>{shown(server.loop?.delayP99Ms, delay)}</td>
            <td>{shown(server.memoryBytes, bytes)}</td>
            <td>{shown(server.queued, count)}</td>
            <td>{shown(server.startedAt, since)}</td>
          </tr>
        ))}
      </tbody>
      <tfoot>
        <tr>
          <th scope="row">{words.total}</th>
          <td />
          <td>{count(sum(servers, 'connections'))}</td>
          <td>{rate(sum(servers, 'calls'))}</td>
          <td>{rate(sum(servers, 'deliveries'))}</td>
          <td>{percent(sum(servers, 'cpu'))}</td>
          <td />
          <td />
          <td>{bytes(sum(servers, 'memoryBytes'))}</td>
          <td>{count(sum(servers, 'queued'))}</td>
          <td />
        </tr>
      </tfoot>
    </table>
  );
}

function Redis({ redis }: { redis: LiveRedis }) {
  const { redis: title, redisFacts: names } = useOpsWords();
  const limit = redis.memoryLimitBytes ? ` ${names.of} ${bytes(redis.memoryLimitBytes)}` : '';
  const facts: [string, string][] = [
    [names.answers, redis.up ? names.yes : names.no],
    [names.memory, shown(redis.memoryBytes, bytes) + limit],
    [names.clients, shown(redis.clients, count)],
    [names.cpu, shown(redis.cpu, percent)],
    [names.buffer, shown(redis.outputBufferBytes, bytes)],
  ];
  return (
    <div className="redis">
      <h3>{title}</h3>
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function troublesOf({ servers, redis, skewed }: Live, words: Words): string[] {
  return [
    ...servers
      .filter(({ state }) => state !== 'ok')
      .map(({ name, state }) => `${name} ${words.states[state]}`),
    ...(redis.up ? [] : [words.redisAway]),
    ...(skewed === undefined ? [] : [words.skewed(skewed)]),
  ];
}

type Figure = 'connections' | 'calls' | 'deliveries' | 'cpu' | 'memoryBytes' | 'queued';

function sum(servers: LiveServer[], key: Figure): number {
  return servers.reduce((total, server) => total + (server[key] ?? 0), 0);
}
