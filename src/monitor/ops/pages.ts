import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

export interface Page {
  content: Buffer;
  type: string;
  /** Its name carries a hash of its content. */
  lasting: boolean;
}

/** A file of the built page, which lies in one folder and its `assets`; undefined for any other name. */
export function findPage(folder: string, name: string): Page | undefined {
  const type = types[extname(name)];
  if (type === undefined || !/^(assets\/)?[\w-][\w.-]*$/.test(name)) return undefined;
  try {
    return { content: readFileSync(join(folder, name)), type, lasting: name.startsWith('assets/') };
  } catch {
    return undefined;
  }
}
