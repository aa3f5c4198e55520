import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every command that a document tells its reader to type, in order. */
export function commandsOf(file: 'README.md' | 'README.ko.md' | 'docs/EMBEDDING.md'): string[] {
  const text = readFileSync(join(__dirname, '../..', file), 'utf8');
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!);
  return blocks.flatMap((block) => block.split('\n').filter((line) => line !== ''));
}
