import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plan } from '../../src/fleet/plan';
import { projectRoot, type TestFleet } from './fleet';

const planFile = (fleet: TestFleet): string => join(fleet.varDir, 'fleet.json');

export const planOf = (fleet: TestFleet): Plan => JSON.parse(readFileSync(planFile(fleet), 'utf8')) as Plan;

/** Replaces text in files of a build; each must be there. */
export type Patch = Record<string, [from: string | RegExp, to: string]>;

/**
 * Puts a changed copy of the build beside those of the fleet and makes it the one that counts: the next
 * `fleet restart` brings all servers to it.
 */
export function nextRelease(fleet: TestFleet, name: string, patch: Patch): void {
  const folder = join(fleet.varDir, 'releases', name);
  const current = join(fleet.varDir, 'releases', planOf(fleet).release!);
  for (const part of ['dist', 'package.json'])
    cpSync(join(current, part), join(folder, part), { recursive: true });
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'));
  changeRelease(fleet, name, patch);
  writeFileSync(planFile(fleet), JSON.stringify({ ...planOf(fleet), release: name }));
}

/** Changes a build where it lies: servers that start later are by that. The returned function takes it back. */
export function changeRelease(fleet: TestFleet, name: string, patch: Patch): () => void {
  const undo = Object.entries(patch).map(([file, [from, to]]) => {
    const path = join(fleet.varDir, 'releases', name, 'dist', file);
    const old = readFileSync(path, 'utf8');
    const changed = old.replace(from, to);
    if (changed === old) throw new Error(`${file} has no ${String(from)}`);
    writeFileSync(path, changed);
    return () => writeFileSync(path, old);
  });
  return () => undo.forEach((each) => each());
}

/** As a later version might be: it says more, in all that servers tell each other. */
export const talkative: Patch = {
  'server/outbox/format.js': ['encode({ v: VERSION,', 'encode({ v: VERSION, later: [1],'],
  'server/server.js': [
    "io.on('connection', (socket) => {",
    "io.on('connection', (socket) => { io.serverSideEmit('later', { a: [1] });",
  ],
  'server/roomlog/write.lua': ['{"v":1,', '{"v":1,"later":1,'],
  'protocol/limits.js': [/CONTRACT_VERSION = 1/, 'CONTRACT_VERSION = 2'],
};

/** A build that does not start. */
export const broken: Patch = { 'server/main.js': ['"use strict"', 'process.exit(1);"use strict"'] };

/** One that starts, and answers nobody who chats. */
export const mute: Patch = {
  'server/server.js': ["io.on('connection', (socket) => {", "io.on('connection', (socket) => { return;"],
};

/** One that starts on other ports only. */
export const brokenOn = (ports: string[]): Patch => ({
  'server/main.js': [
    '"use strict"',
    `if (${JSON.stringify(ports)}.includes(process.env.PORT)) process.exit(1);"use strict"`,
  ],
});
