import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '../support/eventually';
import { program, projectRoot, type Ended } from '../support/fleet';

const cli = join(projectRoot, 'dist', 'cli', 'main.js');
let home: string;
let varDir: string;
/** Where backups go. */
let kept: string;
let file: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'chat-backup-'));
  [varDir, kept] = [join(home, 'var'), join(home, 'kept')];
  file = join(kept, 'chat.tgz');
  for (const folder of [varDir, kept, join(home, 'bin')]) mkdirSync(folder);
  writeFileSync(join(varDir, 'fleet.json'), '{"servers":1,"basePort":3001}\n');
  writeFileSync(join(varDir, 'secrets.json'), '{}');
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Way {
  /** A line of shell in place of tar. */
  tar?: string;
  signal?: AbortSignal;
  ends?: NodeJS.Signals;
}

function backUp(to: string, { tar, signal, ends }: Way = {}): Promise<Ended> {
  const bin = join(home, 'bin');
  if (tar !== undefined) writeFileSync(join(bin, 'tar'), `#!/bin/sh\n${tar}\n`, { mode: 0o755 });
  else rmSync(join(bin, 'tar'), { force: true });
  const env = { VAR_DIR: varDir, PATH: `${bin}:${process.env.PATH}`, HOME_OF_TEST: home, FILE: file };
  return program(process.execPath, [cli, 'backup', to], env, signal, projectRoot, ends);
}

test('[PROD-16] a backup that is interrupted leaves nothing, and has no name before it is complete', async () => {
  for (const ends of ['SIGINT', 'SIGTERM'] as const) {
    const stop = new AbortController();
    const tar = 'printf part; touch "$HOME_OF_TEST/begun"; exec sleep 20';
    const ended = backUp(file, { tar, signal: stop.signal, ends });
    await eventually(() => expect(existsSync(join(home, 'begun'))).toBe(true));
    rmSync(join(home, 'begun'));
    const during = readdirSync(kept);
    stop.abort();
    const stderr = '\nInterrupted. No backup was written.\n';
    expect(await ended).toEqual({ code: 130, stdout: '', stderr });
    expect(during).toEqual([expect.stringMatching(/^\.chat-backup-/)]);
    expect(readdirSync(kept)).toEqual([]);
  }
  expect(await backUp(file)).toMatchObject({ code: 0, stderr: '' });
  expect(readdirSync(kept)).toEqual(['chat.tgz']);
});

test('[PROD-16] a backup that fails leaves nothing, and says what to type', async () => {
  const nowhere = join(home, 'nowhere');
  const missing = await backUp(join(nowhere, 'chat.tgz'));
  expect(missing).toMatchObject({ code: 1, stdout: '' });
  expect(missing.stderr).toContain(`Next: mkdir -p ${nowhere}, then again: npx fleet backup ${nowhere}/`);

  const full = await backUp(file, { tar: 'printf part; echo No space left on device >&2; exit 2' });
  expect(full).toMatchObject({ code: 1, stdout: '' });
  expect(full.stderr).toMatch(/failed: No space left on device\nNo file was left\.\nNext: df -h /);
  expect(readdirSync(kept)).toEqual([]);
});

test('[PROD-16] a file that came under its name meanwhile is not written over', async () => {
  const { code, stderr } = await backUp(file, { tar: 'printf other >"$FILE"; printf packed' });
  expect({ code, said: stderr }).toEqual({
    code: 4,
    said: expect.stringContaining('exists already') as string,
  });
  expect(readdirSync(kept)).toEqual(['chat.tgz']);
  expect(readFileSync(file, 'utf8')).toBe('other');
});

test('[PROD-17] where no fleet was started a backup is refused, and nothing is made', async () => {
  rmSync(varDir, { recursive: true });
  const { code, stdout, stderr } = await backUp(file);
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain(`No fleet was ever started in ${varDir}`);
  expect(stderr).toContain('\nNext: VAR_DIR=FOLDER npx fleet backup FILE');
  expect(readdirSync(home).sort()).toEqual(['bin', 'kept']);
  expect(readdirSync(kept)).toEqual([]);
});
