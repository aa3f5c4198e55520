import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { codes } from '../../src/protocol/codes';
import { clientEvents } from '../../src/protocol/schemas';

const manual = readFileSync(resolve(__dirname, '../../docs/PROTOCOL.md'), 'utf8');
const rows = (pattern: RegExp): string[][] => [...manual.matchAll(pattern)].map((row) => row.slice(1));

test('[CODE-3] the manual lists exactly the error codes of the catalogue, with their kind', () => {
  const documented = rows(/^\| `(\w+)` \| (final|retry with the same id) \|/gm);
  const inCode = Object.entries(codes).map(([code, { final }]) => [
    code,
    final ? 'final' : 'retry with the same id',
  ]);
  expect(documented.sort()).toEqual(inCode.sort());
});

test('[CODE-3] the manual lists exactly the events that clients may emit', () => {
  const [, section = ''] = manual.split('## Client to server');
  const documented = [...section.split('## Server')[0]!.matchAll(/^\| `(\w+)` \|/gm)].map(
    ([, event]) => event,
  );
  expect(documented.sort()).toEqual(Object.keys(clientEvents).sort());
});
