import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

/** The least versions without a known hole (DESIGN: versions and traps). */
const floors: Record<string, string> = {
  ws: '8.21.1',
  'engine.io': '6.6.10',
  'socket.io-parser': '4.2.7',
  'socket.io': '4.8.4',
  fastify: '5.7.3',
  jose: '5.10.0',
  pm2: '7.0.0',
};

interface Lock {
  packages: Record<string, { version?: string }>;
}

const parts = (version: string): number[] => version.split(/[.-]/).slice(0, 3).map(Number);

function atLeast(version: string, floor: string): boolean {
  const [a, b] = [parts(version), parts(floor)];
  const differs = a.findIndex((part, i) => part !== b[i]);
  return differs === -1 || a[differs]! > b[differs]!;
}

const lock = JSON.parse(readFileSync(resolve(__dirname, '../../package-lock.json'), 'utf8')) as Lock;

test.each(Object.entries(floors))('[CODE-2] every installed %s is at least %s', (name, floor) => {
  const installed = Object.entries(lock.packages).filter(([path]) => path.endsWith(`node_modules/${name}`));
  expect(installed.length).toBeGreaterThan(0);
  for (const [path, { version }] of installed) {
    expect([path, version, atLeast(version ?? '0', floor)]).toEqual([path, version, true]);
  }
});

test('[CODE-2] the comparison sees an older version', () => {
  expect(atLeast('8.21.0', '8.21.1')).toBe(false);
  expect(atLeast('8.9.9', '8.21.1')).toBe(false);
  expect(atLeast('9.0.0', '8.21.1')).toBe(true);
});
