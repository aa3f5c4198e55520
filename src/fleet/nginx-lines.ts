import { endpointOf } from './address';
import type { PlannedServer } from './plan';

/** The block whose servers get new sessions. */
export const NEWCOMERS = /upstream chat_newcomers \{[^}]*\}/;

/** Of the newcomers' upstream. max_fails=0: one slow server must not be thrown out and drag the next one down. */
export const newcomerLine = (server: PlannedServer): string => `server ${endpointOf(server)} max_fails=0;`;
/** Of a map from names of servers. */
export const mapLine = ({ name }: PlannedServer): string => `${name} ${name};`;

/** The upstream of one server, by its name. */
export function upstream(server: PlannedServer): string {
  const inside = [newcomerLine(server), 'keepalive 64;', 'keepalive_timeout 20s;'];
  return `    upstream ${server.name} {\n${inside.map((line) => `        ${line}\n`).join('')}    }`;
}

export function lines<T>(indent: number, items: T[], line: (item: T) => string): string {
  return items.map((item) => ' '.repeat(indent) + line(item)).join('\n');
}
