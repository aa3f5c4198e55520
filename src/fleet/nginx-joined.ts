import { lines, mapLine, newcomerLine, NEWCOMERS, upstream } from './nginx-lines';
import type { PlannedServer } from './plan';

/** In a configuration, what leads to a server of a joined host: a newcomers' line, an upstream, a line of a map. */
const JOINED = {
  newcomer: /^ {8}server (?!127\.0\.0\.1:)\S+:\d+ max_fails=0(?: down)?;\n/gm,
  upstream: /^ {4}upstream \S+\.chat-\d+ \{[^}]*\}\n/gm,
  map: /^ {8}(\S+\.chat-\d+) \1;\n/gm,
};
/** And where those of this machine end. */
const OWN = {
  newcomers: /(?:^ {8}server \S+ max_fails=0(?: down)?;\n)+/m,
  upstreams: /(?:^ {4}upstream chat-\d+ \{[^}]*\}\n)+/m,
  map: /(?:^ {8}(chat-\d+) \1;\n)+/gm,
};

/**
 * Pure: a configuration that leads to these servers of joined hosts as well, and to no others. It is an edit, so that
 * a host can come or go while a command has a plan in hand that nginx does not have yet.
 */
export function withJoined(conf: string, servers: PlannedServer[], leaving: PlannedServer[]): string {
  const routes = [...servers, ...leaving];
  const ended = (text: string): string => (text === '' ? '' : `${text}\n`);
  const after = (more: string) => (own: string) => `${own}${ended(more)}`;
  return conf
    .replace(JOINED.upstream, '')
    .replace(JOINED.map, '')
    .replace(OWN.upstreams, after(routes.map(upstream).join('\n')))
    .replace(OWN.map, after(lines(8, routes, mapLine)))
    .replace(NEWCOMERS, (block) =>
      block.replace(JOINED.newcomer, '').replace(OWN.newcomers, after(lines(8, servers, newcomerLine))),
    );
}
